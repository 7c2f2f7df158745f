"""`path("auth/", include("sociallogin.integrations.django.urls"))`, where `mount` says `/auth`."""

from django.urls import re_path

from . import views

app_name = "sociallogin"
# Every path, line breaks and all: what is no endpoint gets our answer, not Django's.
urlpatterns = [re_path(r"^(?P<rest>[\s\S]*)$", views.chosen(), name="endpoints")]
