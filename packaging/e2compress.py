#!python
"""e2compress under the name of EMAN2's program, for scripts that call that one."""

import os
import sys

# The command lies beside this file, wherever links to it may be. It takes this process over: options, streams,
# signals and exit status are its own.
program = os.path.join(os.path.dirname(os.path.realpath(__file__)), "e2compress")
os.execv(program, [program, *sys.argv[1:]])
