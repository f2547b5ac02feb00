"""The messages a request is made of, as far as Google's JSON parser knows them.

A field's type is a scalar (``string``, ``bytes``, ``bool``, ``int32``, ``double``), a
``struct`` or free ``value``, an ``enum:Name``, or the name of a message. ``[X]`` is a
list of X, ``{X}`` a map to X. Fields that only one dialect has are in its own table.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Dialect: TypeAlias = Literal["vertex", "gemini_api"]
Message: TypeAlias = dict[str, str]

ENVELOPE: Message = {
    "model": "string",
    "project": "string",
    "userPromptId": "string",
    "enabledCreditTypes": "[string]",
    "requestId": "string",
    "requestType": "string",
    "userAgent": "string",
    "request": "value",
}

_COMMON: dict[str, Message] = {
    "Request": {
        "contents": "[Content]",
        "systemInstruction": "Content",
        "cachedContent": "string",
        "tools": "[Tool]",
        "toolConfig": "ToolConfig",
        "safetySettings": "[SafetySetting]",
        "generationConfig": "GenerationConfig",
    },
    "CountRequest": {"model": "string", "contents": "[Content]"},
    "Content": {"role": "string", "parts": "[Part]"},
    "Part": {
        "text": "string",
        "thought": "bool",
        "thoughtSignature": "bytes",
        "inlineData": "Blob",
        "fileData": "FileData",
        "functionCall": "FunctionCall",
        "functionResponse": "FunctionResponse",
        "executableCode": "ExecutableCode",
        "codeExecutionResult": "CodeExecutionResult",
        "videoMetadata": "VideoMetadata",
        "mediaResolution": "value",
    },
    "Blob": {"mimeType": "string", "data": "bytes", "displayName": "string"},
    "FileData": {"mimeType": "string", "fileUri": "string", "displayName": "string"},
    "FunctionCall": {"id": "string", "name": "string", "args": "struct"},
    "FunctionResponse": {
        "id": "string",
        "name": "string",
        "response": "struct",
        "parts": "[FunctionResponsePart]",
        "willContinue": "bool",
        "scheduling": "string",
    },
    "FunctionResponsePart": {"inlineData": "Blob", "fileData": "FileData"},
    "ExecutableCode": {"id": "string", "language": "string", "code": "string"},
    "CodeExecutionResult": {"id": "string", "outcome": "string", "output": "string"},
    "VideoMetadata": {"startOffset": "string", "endOffset": "string", "fps": "double"},
    "Tool": {
        "functionDeclarations": "[FunctionDeclaration]",
        "googleSearch": "value",
        "googleSearchRetrieval": "value",
        "urlContext": "value",
        "codeExecution": "value",
        "googleMaps": "value",
        "computerUse": "value",
    },
    "FunctionDeclaration": {
        "name": "string",
        "description": "string",
        "parameters": "Schema",
        "parametersJsonSchema": "value",
        "response": "Schema",
        "responseJsonSchema": "value",
        "behavior": "string",
    },
    "Schema": {
        "type": "enum:Type",
        "format": "string",
        "title": "string",
        "description": "string",
        "nullable": "bool",
        "default": "value",
        "enum": "[string]",
        "example": "value",
        "items": "Schema",
        "minItems": "int64",
        "maxItems": "int64",
        "properties": "{Schema}",
        "required": "[string]",
        "propertyOrdering": "[string]",
        "minProperties": "int64",
        "maxProperties": "int64",
        "minLength": "int64",
        "maxLength": "int64",
        "pattern": "string",
        "minimum": "double",
        "maximum": "double",
        "anyOf": "[Schema]",
    },
    "ToolConfig": {
        "functionCallingConfig": "FunctionCallingConfig",
        "retrievalConfig": "value",
    },
    "FunctionCallingConfig": {
        "mode": "enum:Mode",
        "allowedFunctionNames": "[string]",
        "streamFunctionCallArguments": "bool",
    },
    "SafetySetting": {
        "category": "enum:HarmCategory",
        "threshold": "enum:HarmBlockThreshold",
        "method": "string",
    },
    "GenerationConfig": {
        "temperature": "double",
        "topP": "double",
        "topK": "double",
        "candidateCount": "int32",
        "maxOutputTokens": "int32",
        "stopSequences": "[string]",
        "responseLogprobs": "bool",
        "logprobs": "int32",
        "presencePenalty": "double",
        "frequencyPenalty": "double",
        "seed": "int32",
        "responseMimeType": "string",
        "responseSchema": "Schema",
        "responseJsonSchema": "value",
        "responseModalities": "[enum:Modality]",
        "mediaResolution": "enum:MediaResolution",
        "speechConfig": "value",
        "imageConfig": "value",
        "thinkingConfig": "ThinkingConfig",
    },
    "ThinkingConfig": {
        "includeThoughts": "bool",
        "thinkingBudget": "int32",
        "thinkingLevel": "enum:ThinkingLevel",
    },
}

_EXTRA: dict[Dialect, dict[str, Message]] = {
    "vertex": {
        "Request": {"labels": "{string}", "sessionId": "string"},
        "Tool": {"retrieval": "value", "enterpriseWebSearch": "value"},
        "GenerationConfig": {
            "routingConfig": "value",
            "modelSelectionConfig": "value",
            "audioTimestamp": "bool",
        },
    },
    "gemini_api": {
        "Request": {"model": "string"},
        "Tool": {"fileSearch": "value"},
        "ToolConfig": {"includeServerSideToolInvocations": "bool"},
        "GenerationConfig": {"enableEnhancedCivicAnswers": "bool"},
    },
}

MESSAGES: dict[Dialect, dict[str, Message]] = {
    dialect: {name: fields | extra.get(name, {}) for name, fields in _COMMON.items()}
    for dialect, extra in _EXTRA.items()
}

ENUMS: dict[str, frozenset[str]] = {
    "Type": frozenset(
        [
            "STRING",
            "NUMBER",
            "INTEGER",
            "BOOLEAN",
            "ARRAY",
            "OBJECT",
            "NULL",
            "TYPE_UNSPECIFIED",
        ]
    ),
    "Mode": frozenset(["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"]),
    "Modality": frozenset(["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO"]),
    "ThinkingLevel": frozenset(
        ["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"]
    ),
    "MediaResolution": frozenset(
        [
            "MEDIA_RESOLUTION_UNSPECIFIED",
            "MEDIA_RESOLUTION_LOW",
            "MEDIA_RESOLUTION_MEDIUM",
            "MEDIA_RESOLUTION_HIGH",
        ]
    ),
    "HarmCategory": frozenset(
        [
            "HARM_CATEGORY_UNSPECIFIED",
            "HARM_CATEGORY_HARASSMENT",
            "HARM_CATEGORY_HATE_SPEECH",
            "HARM_CATEGORY_SEXUALLY_EXPLICIT",
            "HARM_CATEGORY_DANGEROUS_CONTENT",
            "HARM_CATEGORY_CIVIC_INTEGRITY",
            "HARM_CATEGORY_JAILBREAK",
            "HARM_CATEGORY_IMAGE_HATE",
            "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT",
            "HARM_CATEGORY_IMAGE_HARASSMENT",
            "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT",
        ]
    ),
    "HarmBlockThreshold": frozenset(
        [
            "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
            "BLOCK_LOW_AND_ABOVE",
            "BLOCK_MEDIUM_AND_ABOVE",
            "BLOCK_ONLY_HIGH",
            "BLOCK_NONE",
            "OFF",
        ]
    ),
}

RELAXED_ENUMS = frozenset({"Type", "ThinkingLevel"})
"""Enums whose values are read in either case."""
