# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What checks have in common: their verdicts, and a time for each."""

from collections.abc import Callable
import functools
import re
import threading

from oslo_config import cfg
from oslo_upgradecheck import upgradecheck

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer import quiet

Code = upgradecheck.Code
Result = upgradecheck.Result
Check = Callable[[], Result]

SUCCESS, WARNING, FAILURE = Code.SUCCESS, Code.WARNING, Code.FAILURE

LIMIT = 15.0
"""Seconds for one check: what is asked has its own limits below that."""

_POOL = re.compile(r'HTTPS?ConnectionPool\([^)]*\): '
                   r'(?:Max retries exceeded with url: \S+ )?')
_CAUSE = re.compile(r'\(Caused by \w+\(["\']?(?:HTTPS?Connection\([^)]*\): )?'
                    r'(.*?)["\']?\)\)')
_PASSWORD = re.compile(r'(://[^\s:@]*:)\S*@')


class NotLookedAt(Exception):
    """Something that is needed for the check has failed in another one."""


def plain(error: BaseException) -> str:
    """An error on one line, without what urllib3 wraps around its cause,
    and without the password of a URL."""
    text = _POOL.sub('', _hidden(' '.join(str(error).split())))
    return _CAUSE.sub(r'\1', text)


def _hidden(text: str) -> str:
    return _PASSWORD.sub(r'\1***@', text)


class Verdict:
    """Collects what one check finds; the worst counts."""

    def __init__(self) -> None:
        self._found: list[tuple[Code, str]] = []
        self._advice: list[str] = []

    def warn(self, text: str, advice: str | None = None) -> None:
        """It works, but somebody should look at this; `advice` stands at
        the end, once."""
        self._add(WARNING, text, advice)

    def fail(self, text: str, advice: str | None = None) -> None:
        """It cannot work so."""
        self._add(FAILURE, text, advice)

    def _add(self, code: Code, text: str, advice: str | None) -> None:
        self._found.append((code, text))
        if advice:
            self._advice.append(advice)

    def result(self, else_: str | None = None) -> Result:
        """All that was found, or `else_`."""
        if not self._found:
            return Result(SUCCESS, else_)
        # one text may come of several plugins
        texts = dict.fromkeys(
            [*(text for _, text in self._found), *self._advice])
        return Result(max(code for code, _ in self._found),
                      '; '.join(texts))


def guarded(check: Check, limit: float = LIMIT) -> Check:
    """A check that ends in time, and makes a row of what is expected to be
    wrong."""
    @functools.wraps(check)
    def guarded_check() -> Result:
        found: list[Result | BaseException] = []
        # a daemon: what hangs must not keep the program
        thread = threading.Thread(
            target=_into(found, check), daemon=True, name='check')
        thread.start()
        thread.join(limit)
        if not found:
            return Result(FAILURE, f'no answer within {limit:g} s: is the '
                          'address right, and does nothing on the way drop '
                          'what is sent there?')
        if isinstance(found[0], BaseException):
            raise found[0]
        return found[0]
    return guarded_check


def _into(found: list[Result | BaseException], check: Check
          ) -> Callable[[], None]:
    def run() -> None:
        try:
            with quiet.hushed(*quiet.PLUGINS):
                found.append(_told(check))
        except BaseException as error:
            # for the thread that waits
            found.append(error)
    return run


def _told(check: Check) -> Result:
    try:
        return check()
    except NotLookedAt as error:
        return Result(WARNING, f'not looked at: {error}')
    except exception.SynchronizerError as error:
        return Result(FAILURE, plain(error))
    except (cfg.Error, ValueError) as error:
        return Result(FAILURE, _hidden(conf_module.describe(error)))
    except Exception as error:
        # of some library; the other checks are worth their rows all the same
        return Result(FAILURE, f'{type(error).__name__}: {plain(error)}')
