"""What the API's routes say about themselves in the OpenAPI document: security, statuses, bodies.

Every documented status is one the route really gives; a test drives them all.
"""

from http import HTTPStatus
from typing import Any, Final, TypeAlias

from flask_openapi3.models.schema import Schema
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel

from app.api.schemas import Failure

SECURITY: Final[dict[str, Any]] = {
    "device": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token given once when the device was enrolled.",
    }
}
_COMPONENTS: Final = "#/components/schemas/"
BY_DEVICE: Final[list[dict[str, list[str]]]] = [{"device": []}]


# A paper, for whoever asked for one; what goes wrong is told in JSON all the same.
PDF_ANSWER: Final[dict[str, Any]] = {
    "description": "OK",
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}


Answers: TypeAlias = dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None]


def answers(good: int, model: type[BaseModel] | dict[Any, Any], *bad: int) -> Answers:
    """Document one good answer and the errors a route can give."""
    documented: Answers = {good: model}
    return documented | dict.fromkeys(bad, Failure)


def json_body(model: type[BaseModel], description: str) -> dict[str, Any]:
    """Document a JSON body that the view reads itself, byte for byte, and not the library."""
    reference = {"$ref": f"{_COMPONENTS}{model.__name__}"}
    return {
        "requestBody": {
            "required": True,
            "description": description,
            "content": {"application/json": {"schema": reference}},
        }
    }


def publish_bodies(app: OpenAPI, *models: type[BaseModel]) -> None:
    """Put the shapes that `json_body` refers to into the document."""
    for model in models:
        schema = model.model_json_schema(ref_template=f"{_COMPONENTS}{{model}}")
        named = {**schema.pop("$defs", {}), model.__name__: schema}
        app.components_schemas.update({name: Schema(**found) for name, found in named.items()})


def document(app: OpenAPI) -> dict[str, Any]:
    """Return the document without the answer that the library adds to routes which never give it."""
    published: dict[str, Any] = app.api_doc
    for item in published["paths"].values():
        for operation in item.values():
            added = operation["responses"].get(app.validation_error_status, {})
            if "$ref" not in added.get("content", {}).get("application/json", {}).get("schema", {"$ref": ""}):
                del operation["responses"][app.validation_error_status]
    return published
