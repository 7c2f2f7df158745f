"""What comes before and behind an answer on its connection is never taken for another answer."""

import pytest

from sociallogin import ProviderError
from transports.asking import ask
from transports.peer import Wait, answer


def test_an_interim_answer_is_passed_over(transport, peer):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
    processing = b"HTTP/1.1 102 Processing\r\n\r\n"
    served = peer(lambda _: [hints, Wait(0.1), processing, answer(b'"final"')])
    assert [ask(transport, served.origin).body for _ in range(2)] == [b'"final"'] * 2
    assert served.connections == 1


def test_a_switch_of_protocols_that_nobody_asked_for_is_no_answer(transport, peer):
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
    with pytest.raises(ProviderError) as caught:
        ask(transport, peer(switch).origin)
    assert caught.value.code == "provider_bad_response"


@pytest.mark.parametrize("proxied", [False, True], ids=["direct", "proxied"])
def test_what_stands_behind_an_answer_is_not_the_next_one(make, peer, proxied):
    served = peer(answer(b'"ours"') + answer(b'"of somebody else"'))
    transport = make({"HTTP_PROXY": served.origin} if proxied else {})
    assert [ask(transport, served.origin).body for _ in range(3)] == [b'"ours"'] * 3
