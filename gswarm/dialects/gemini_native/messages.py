"""The messages of a GenerateContentRequest: which fields they have, and of what kind.

Names are camelCase, as they leave; clients spell them in snake_case as well, which is
understood by position: inside what is the user's own data (``any``) nothing is touched.
A field that is not here is passed on as it came (google-genai 3.6.1 ``types``, proto
field lists of google-ai-generativelanguage 0.12.1 and aiplatform_v1beta1 2.7.0).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Shape: TypeAlias = Literal["one", "list", "map"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What stands in a field: a scalar, an enum, the user's own, or a message.

    ``name`` is a scalar's (text, flag, whole, number, bytes, any), or that of an enum
    or message.
    """

    name: str
    shape: Shape = "one"
    is_enum: bool = False


Fields: TypeAlias = Mapping[str, Kind]

_WORDS = {
    "Request": """
        contents:[Content] systemInstruction:system tools:[Tool] toolConfig:ToolConfig
        safetySettings:[SafetySetting] generationConfig:GenerationConfig labels:any
        cachedContent:text sessionId:text modelArmorConfig:any serviceTier:text
        store:flag continuationToken:text model:text stream:any streamOptions:any
        """,
    "CountRequest": """
        contents:[Content] systemInstruction:system tools:[Tool] toolConfig:ToolConfig
        generationConfig:GenerationConfig safetySettings:[SafetySetting]
        generateContentRequest:any instances:any model:text
        """,
    "Content": "role:text parts:[Part]",
    "Part": """
        text:text thought:flag thoughtSignature:signature inlineData:blob
        fileData:FileData functionCall:FunctionCall functionResponse:FunctionResponse
        executableCode:ExecutableCode codeExecutionResult:CodeExecutionResult
        videoMetadata:VideoMetadata mediaResolution:PartResolution partMetadata:any
        toolCall:any toolResponse:any speechMetadata:any audioTranscription:any
        documentMetadata:any spreadsheetMetadata:any audioMetadata:any
        mediaProcessing:any
        """,
    "Blob": "mimeType:text data:bytes displayName:text",
    "FileData": "mimeType:text fileUri:text displayName:text",
    "FunctionCall": "id:text name:text args:struct partialArgs:any willContinue:flag",
    "FunctionResponse": """
        id:text name:text response:struct parts:[ResultPart] willContinue:flag
        scheduling:text
        """,
    "ResultPart": """
        inlineData:blob fileData:FileData videoMetadata:VideoMetadata
        mediaResolution:PartResolution mediaProcessing:any documentMetadata:any
        spreadsheetMetadata:any audioMetadata:any
        """,
    "ExecutableCode": "id:text language:enum.Language code:text",
    "CodeExecutionResult": "id:text outcome:enum.Outcome output:text",
    "VideoMetadata": "startOffset:text endOffset:text fps:number contentLayers:any",
    "PartResolution": "level:enum.MediaResolution numTokens:whole",
    "Tool": """
        functionDeclarations:[FunctionDeclaration] googleSearch:GoogleSearch
        googleSearchRetrieval:SearchRetrieval urlContext:any codeExecution:any
        googleMaps:GoogleMaps computerUse:ComputerUse fileSearch:any retrieval:any
        enterpriseWebSearch:any parallelAiSearch:any exaAiSearch:any mcpServers:any
        """,
    "GoogleSearch": """
        timeRangeFilter:any excludeDomains:any blockingConfidence:any searchTypes:any
        """,
    "SearchRetrieval": "dynamicRetrievalConfig:DynamicRetrieval",
    "DynamicRetrieval": "mode:any dynamicThreshold:number",
    "GoogleMaps": "enableWidget:flag authConfig:any",
    "ComputerUse": "environment:any excludedPredefinedFunctions:any",
    "FunctionDeclaration": """
        name:text description:text parameters:Schema parametersJsonSchema:any
        response:Schema responseJsonSchema:any behavior:any
        """,
    "Schema": """
        type:enum.Type format:text title:text description:text nullable:flag
        default:any enum:any example:any items:Schema minItems:any maxItems:any
        properties:{Schema} required:any propertyOrdering:any minProperties:any
        maxProperties:any minLength:any maxLength:any pattern:text minimum:any
        maximum:any anyOf:[Schema] additionalProperties:any defs:{Schema} ref:text
        """,
    "ToolConfig": """
        functionCallingConfig:CallingConfig retrievalConfig:RetrievalConfig
        includeServerSideToolInvocations:flag
        """,
    "CallingConfig": """
        mode:enum.Mode allowedFunctionNames:any streamFunctionCallArguments:flag
        """,
    "RetrievalConfig": "latLng:any languageCode:text",
    "SafetySetting": """
        category:enum.HarmCategory threshold:enum.HarmBlockThreshold method:any
        """,
    "GenerationConfig": """
        temperature:number topP:number topK:number candidateCount:whole
        maxOutputTokens:whole stopSequences:any responseLogprobs:flag logprobs:whole
        presencePenalty:number frequencyPenalty:number seed:whole
        responseMimeType:text responseSchema:Schema responseJsonSchema:any
        responseFormat:any responseModalities:[enum.Modality]
        mediaResolution:enum.MediaResolution speechConfig:SpeechConfig
        imageConfig:ImageConfig thinkingConfig:ThinkingConfig audioTimestamp:flag
        routingConfig:any modelConfig:any modelSelectionConfig:any
        enableEnhancedCivicAnswers:flag enableAffectiveDialog:flag
        translationConfig:any audioTranscriptionConfig:any
        """,
    "ThinkingConfig": """
        includeThoughts:flag thinkingBudget:whole thinkingLevel:enum.ThinkingLevel
        """,
    "SpeechConfig": """
        voiceConfig:VoiceConfig languageCode:text
        multiSpeakerVoiceConfig:MultiSpeaker
        """,
    "VoiceConfig": "prebuiltVoiceConfig:PrebuiltVoice voice:any",
    "PrebuiltVoice": "voiceName:text",
    "MultiSpeaker": "speakerVoiceConfigs:[SpeakerVoice]",
    "SpeakerVoice": "speaker:text voiceConfig:VoiceConfig",
    "ImageConfig": """
        aspectRatio:text imageSize:text personGeneration:text prominentPeople:any
        imageOutputOptions:any
        """,
}


def _kind(words: str) -> Kind:
    shape: Shape = "one"
    if words[0] in "[{":
        shape = "list" if words[0] == "[" else "map"
        words = words[1:-1]
    name = words.removeprefix("enum.")
    return Kind(name, shape, is_enum=name != words)


MESSAGES: Mapping[str, Fields] = {
    message: {
        name: _kind(kind)
        for name, _, kind in (field.partition(":") for field in fields.split())
    }
    for message, fields in _WORDS.items()
}


def camel(name: str) -> str:
    """``thinking_budget`` as ``thinkingBudget``; another name stays as it is."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def snake(name: str) -> str:
    """``thinkingBudget`` as ``thinking_budget``: Google names fields so in errors."""
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)
