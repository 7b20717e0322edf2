"""Keys that a pydantic class would ignore: many configuration classes accept any key and drop those they do not know."""

import typing

from pydantic import BaseModel


def schema_classes(annotation) -> typing.Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from schema_classes(argument)


def unknown_keys(value, annotation, at: str) -> typing.Iterator[str]:
    classes = list(schema_classes(annotation))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from unknown_keys(item, annotation, f"{at}[{index}]")
    elif isinstance(value, dict) and classes:
        fields = {key: field for cls in classes for name, field in cls.model_fields.items() for key in (name, field.alias or name)}
        for key, item in value.items():
            if key not in fields:
                yield f"{at}.{key}: unknown"
            else:
                yield from unknown_keys(item, fields[key].annotation, f"{at}.{key}")
