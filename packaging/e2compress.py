#!python
"""e2compress under the name of EMAN2's program, for scripts that call that one."""

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))

if __name__ == "__main__":
    # The command lies beside this file, wherever links to it may be. It takes this process over: options, streams,
    # signals and exit status are its own.
    program = os.path.join(HERE, "e2compress")
    os.execv(program, [program, *sys.argv[1:]])
else:
    # Programs in this folder look for modules here first, so that this file hides the package of its name from them.
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    spec = PathFinder.find_spec(__name__, [path for path in sys.path if os.path.realpath(path or ".") != HERE])
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {__name__!r}", name=__name__)
    package = module_from_spec(spec)
    sys.modules[__name__] = package
    spec.loader.exec_module(package)
