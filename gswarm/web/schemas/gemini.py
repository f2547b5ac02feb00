"""What Gemini's own paths take and answer. The dialect reads bodies itself, and more of
them than is said here; this is for those who read the documentation."""

from __future__ import annotations

from marshmallow import fields

from . import Answer
from .openai import Open


class GenerateContentRequest(Open):
    """A conversation, as Gemini's API defines it. Unknown fields go upstream."""

    contents = fields.Raw(required=True)
    systemInstruction = fields.Raw(allow_none=True)
    generationConfig = fields.Dict(allow_none=True)
    tools = fields.List(fields.Dict(), allow_none=True)
    toolConfig = fields.Dict(allow_none=True)
    safetySettings = fields.List(fields.Dict(), allow_none=True)


class CountTokensRequest(Open):
    """Contents, or a whole request, whose tokens are to be counted."""

    contents = fields.Raw(allow_none=True)
    generateContentRequest = fields.Dict(allow_none=True)


class GenerateContentResponse(Open):
    """An answer, or a piece of one, as Gemini's API defines it."""

    candidates = fields.List(fields.Dict())
    promptFeedback = fields.Dict()
    usageMetadata = fields.Dict()
    modelVersion = fields.String()
    responseId = fields.String()


class CountTokensResponse(Open):
    """How many tokens there are; an estimate where Google could not be asked."""

    totalTokens = fields.Integer(required=True)


class StreamQuery(Open):
    """How a stream is to come: with ``alt=sse`` as events, else as an array."""

    alt = fields.String()


class GeminiModel(Open):
    """A model, as Gemini's clients know it."""

    name = fields.String(required=True)
    baseModelId = fields.String()
    version = fields.String()
    displayName = fields.String()
    description = fields.String()
    inputTokenLimit = fields.Integer()
    outputTokenLimit = fields.Integer()
    supportedGenerationMethods = fields.List(fields.String())
    thinking = fields.Boolean()


class GeminiModelList(Open):
    """A page of the models that the pool can serve now."""

    models = fields.List(fields.Nested(GeminiModel), required=True)
    nextPageToken = fields.String()


class PageQuery(Open):
    """Which page: up to 1000 models of it, 50 where nothing is said."""

    pageSize = fields.String()
    pageToken = fields.String()


class Nothing(Open):
    """An empty object."""


class StatusDetail(Open):
    """What else is to be said of an error; ``@type`` says of what kind it is."""


class Status(Answer):
    """A ``google.rpc.Status``."""

    code = fields.Integer(required=True)
    message = fields.String(required=True)
    status = fields.String(required=True)
    details = fields.List(fields.Nested(StatusDetail), required=True)


class GeminiError(Answer):
    """An error, as Google's clients know it."""

    error = fields.Nested(Status, required=True)
