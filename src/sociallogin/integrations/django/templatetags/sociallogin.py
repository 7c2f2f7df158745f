"""`{% load sociallogin %}`: the comment box in a template."""

from typing import Any

from django import template
from django.core.exceptions import ImproperlyConfigured
from django.utils.safestring import SafeString

from ..shortcuts import box

register = template.Library()


@register.simple_tag(takes_context=True)
def sociallogin_box(context: Any, *args: Any, **kwargs: Any) -> SafeString:
    """`{% sociallogin_box %}`, `{% sociallogin_box "/post/1" form="comment-form" %}`; see `box`."""
    request = getattr(context, "request", None)
    if request is None:
        raise ImproperlyConfigured(
            "{% sociallogin_box %} needs the request: render(request, template, context)"
        )
    return box(request, *args, **kwargs)
