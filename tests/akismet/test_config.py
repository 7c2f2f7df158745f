"""The table `akismet`, as a site owner writes it in a file or in variables."""

import pytest

from sociallogin import ConfigError
from sociallogin.config import AkismetConfig, from_env, from_mapping

KEY = "S3NTINEL-key"
SITE = {"base_url": "https://blog.example.com", "secret_keys": ["k" * 32]}
ENVIRON = {
    "SOCIALLOGIN_BASE_URL": "https://blog.example.com",
    "SOCIALLOGIN_SECRET_KEYS": "k" * 32,
}
ENDPOINT = "https://rest.akismet.com/1.1"


def faults(akismet: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        from_mapping({**SITE, "akismet": akismet}, environ={})
    assert KEY not in str(caught.value)
    return [str(fault) for fault in caught.value.faults]


def test_without_the_table_it_is_off():
    assert from_mapping(SITE).akismet is None


def test_the_key_alone_turns_it_on():
    config = from_mapping({**SITE, "akismet": {"api_key": "env:KEY"}}, environ={"KEY": KEY})
    assert config.akismet == AkismetConfig(KEY, test=False, endpoint=ENDPOINT)
    assert KEY not in repr(config)


def test_every_key_can_be_set():
    table = {"api_key": KEY, "test": True, "endpoint": "http://localhost:9000/akismet/1.1"}
    config = from_mapping({**SITE, "akismet": table})
    assert config.akismet == AkismetConfig(**table)


def test_its_faults_stand_in_the_report_of_the_whole():
    with pytest.raises(ConfigError) as caught:
        from_mapping({"base_url": "x", "secret_keys": ["k" * 32], "akismet": {}})
    assert [fault.place for fault in caught.value.faults] == ["base_url", "akismet.api_key"]


@pytest.mark.parametrize(
    ("table", "place", "says"),
    [
        (KEY, "akismet", "a table"),
        ({"apikey": KEY, "api_key": "k"}, "akismet.apikey", "Did you mean api_key?"),
        ({"api_key": f"{KEY} "}, "akismet.api_key", "begins or ends with a space"),
        ({"api_key": "env:NOWHERE"}, "akismet.api_key", "NOWHERE, which is not set"),
        ({"api_key": "k", "test": "yes"}, "akismet.test", "true or false"),
        ({"api_key": "k", "endpoint": "http://rest.akismet.com/1.1"}, "akismet.endpoint", "https"),
    ],
)
def test_a_fault_is_told_with_its_place(table, place, says):
    (fault,) = faults(table)
    assert fault.startswith(f"{place}: ")
    assert says in fault


def test_a_misspelt_table_is_told():
    with pytest.raises(ConfigError, match=r"Did you mean akismet\?"):
        from_mapping({**SITE, "akismett": {"api_key": KEY}})


def test_variables_say_the_same():
    variables = {"SOCIALLOGIN_AKISMET_API_KEY": "env:MY_KEY", "SOCIALLOGIN_AKISMET_TEST": "true"}
    config = from_env({**ENVIRON, **variables, "MY_KEY": KEY})
    assert config.akismet == AkismetConfig(KEY, test=True, endpoint=ENDPOINT)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("AKISMET", "one of SOCIALLOGIN_AKISMET_API_KEY, SOCIALLOGIN_AKISMET_TEST"),
        ("AKISMET_KEY", "Did you mean SOCIALLOGIN_AKISMET_API_KEY?"),
        ("AKISMET_ENDPOIN", "Did you mean SOCIALLOGIN_AKISMET_ENDPOINT?"),
    ],
)
def test_a_wrong_variable_is_told(name, advice):
    with pytest.raises(ConfigError) as caught:
        from_env({**ENVIRON, f"SOCIALLOGIN_{name}": KEY})
    assert advice in str(caught.value)
    assert KEY not in str(caught.value)
