"""Griffe extension: the forms of this project's docstrings that griffe does not know."""

from __future__ import annotations

import re
from typing import Any

from griffe import Class, Extension, Function, Object, Parameter, ParameterKind, Parameters

_ROLE = re.compile(r':(?:class|func|meth|mod|attr|data|exc):`~?([^`]+)`')


class DocstringForms(Extension):
    """Shows roles of Sphinx as code, and the fields of a named tuple as its parameters."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Write ``:class:`~stslidr.x.Y``` as ``stslidr.x.Y``."""
        if obj.docstring:
            obj.docstring.value = _ROLE.sub(r'`\1`', obj.docstring.value)

    def on_class(self, *, cls: Class, **kwargs: Any) -> None:
        """Give a named tuple the constructor that it has at run time."""
        if not any(str(base).endswith('NamedTuple') for base in cls.bases):
            return
        fields = [
            Parameter(
                attribute.name,
                annotation=attribute.annotation,
                kind=ParameterKind.positional_or_keyword,
                default=attribute.value,
            )
            for attribute in cls.attributes.values()
            if attribute.annotation is not None
        ]
        this = Parameter('self', kind=ParameterKind.positional_or_keyword)
        constructor = Function('__init__', parameters=Parameters(this, *fields), returns='None')
        cls.set_member('__init__', constructor)
