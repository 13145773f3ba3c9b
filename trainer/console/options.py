"""The command line's options for settings, made from the fields of Config: names, help, limits and choices."""

import inspect
import types
from collections.abc import Callable
from typing import Annotated, Any, Literal, cast, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from trainer.config import Config, limits

__all__ = ["parse_settings", "with_settings"]


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes ``**settings`` one option for each setting; those not given arrive as None."""
    parameters = [
        parameter
        for parameter in inspect.signature(command).parameters.values()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    parameters += [_option(name, field) for name, field in Config.model_fields.items()]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


def parse_settings(options: dict[str, Any]) -> dict[str, Any]:
    """The settings that were given, as make_config takes them (it reads numbers from text, and judges them)."""
    settings = {name: value for name, value in options.items() if value is not None}
    for name, value in settings.items():
        if _is_list(Config.model_fields[name]):
            settings[name] = [part.strip() for part in value.split(",")]
    return settings


def _option(name: str, field: FieldInfo) -> inspect.Parameter:
    extra = cast("dict[str, Any]", field.json_schema_extra)
    flag = f"--{name.replace('_', '-')}"
    switch = field.annotation is bool
    option: Any = typer.Option(
        f"{flag}/--no-{flag[2:]}" if switch else flag,
        metavar=None if switch else _metavar(field),
        help=_help(name, field, extra),
        rich_help_panel=extra["group"],
    )
    kind: Any = bool | None if switch else str | None
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option])


def _help(name: str, field: FieldInfo, extra: dict[str, Any]) -> str:
    parts = [field.description or ""]
    literal = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if choices := extra.get("choices", literal):
        parts.append(f"One of {', '.join(choices)}.")
    low, high = limits(name)
    if low is not None and high is not None:
        unit = f" {extra['unit']}" if "unit" in extra else ""
        parts.append(f"From {low:,} to {high:,}{unit}.")
    if field.default is not None and not isinstance(field.default, bool):
        parts.append(f"Default: {field.default}.")
    return " ".join(parts)


def _metavar(field: FieldInfo) -> str:
    if _is_list(field):
        return "N,N,..."
    kinds = _kinds(field)
    return "INTEGER" if int in kinds else "NUMBER" if float in kinds else "NAME"


def _is_list(field: FieldInfo) -> bool:
    return any(get_origin(kind) is tuple for kind in _kinds(field))


def _kinds(field: FieldInfo) -> tuple[Any, ...]:
    """The types that a field takes: the parts of a union, or the one."""
    return get_args(field.annotation) if isinstance(field.annotation, types.UnionType) else (field.annotation,)
