"""Names of spans and of their attributes, all in one place.

OpenTelemetry's conventions for generative AI where they have a word, `orchestrator.*` where they have none.
The attributes in `PRIVATE` hold what people said; they are left out unless an operator asks for them.
"""

from typing import Final

CONVERSATION: Final = "conversation"
TURN: Final = "turn"
SESSION: Final = "engine session"
RESPONSE: Final = "chat"
TOOL: Final = "execute_tool"
HANDOFF: Final = "handoff"

OPERATION: Final = "gen_ai.operation.name"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
PROVIDER: Final = "gen_ai.provider.name"
AGENT: Final = "gen_ai.agent.name"
MODEL: Final = "gen_ai.request.model"
RESPONSE_ID: Final = "gen_ai.response.id"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
OUTPUT_TYPE: Final = "gen_ai.output.type"
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
ERROR: Final = "error.type"

CALL_ID: Final = "orchestrator.call.id"
TRANSPORT: Final = "orchestrator.call.transport"
LEAVE_REASON: Final = "orchestrator.call.leave_reason"
EPOCH: Final = "orchestrator.session.epoch"
PURPOSE: Final = "orchestrator.session.purpose"
CLOSE_REASON: Final = "orchestrator.session.close_reason"
INTERRUPTED: Final = "orchestrator.response.interrupted"
ATTEMPT: Final = "orchestrator.tool.attempt"
SOURCE: Final = "orchestrator.handoff.source"
TARGET: Final = "orchestrator.handoff.target"
CAUSE: Final = "orchestrator.handoff.cause"
OUTCOME: Final = "orchestrator.outcome"
ROLE: Final = "orchestrator.message.role"
TEXT: Final = "orchestrator.message.text"

FIRST_OUTPUT: Final = "first output"
FIRST_AUDIO: Final = "first audio"
MESSAGE: Final = "message"

PRIVATE: Final = frozenset({TEXT, TOOL_ARGUMENTS})
