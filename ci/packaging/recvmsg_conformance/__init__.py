"""The conformance test suite for recvmsg_into; the command recvmsg-conformance, or python -m recvmsg_conformance, runs it."""
