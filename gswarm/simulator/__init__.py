"""A stand-in for Google over HTTP, as strict and as nasty as the real one.

One process answers for every Google host, paths unchanged: OAuth and OpenID
(`authorize`, `oauth`), Resource Manager and Service Usage (`cloud`), Code Assist
(`code_assist`), the Gemini API (`gemini_api`) and Vertex AI (`vertex`). All of them
read and change one `world.World`; ``/_sim/`` (`control`) sets its scene, scripts its
faults, moves its clock and shows every call that came.

A call to a model goes through `generate`: who asks, for which project, a scripted
fault, `validation`, `quotas`, then `answers`, `faults` and `wire` make the reply.

Nothing here imports the gateway, and nothing here opens anything real: ids, secrets
and tokens all begin with ``sim-``.
"""
