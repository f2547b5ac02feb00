"""OpenAI's Responses: the cases are named by the numbers of our notes on the protocol.

Elsewhere: R68, R69, R72, R73, R75 to R85, R87 and R88 over sockets
(test_responses_sdk.py); R74, real clients (make clients); R81 without a store
(test_response_memory.py). R57 and R67, a retry at Google, are the relay's, whatever the
dialect. Left out: R77's second key of one owner (responses are by key), R78's clock.
"""
