"""How state machines are run: short and by chance, long and by chance, or to find a mutant."""

import sys
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many stories are told, of how many steps."""

    stories: int
    steps: int

    def longer(self, times: int = 40) -> "Pace":
        """Return the pace of the long form."""
        return replace(self, stories=self.stories * times, steps=self.steps * 2)

    def run(self, machine: type[RuleBasedStateMachine]) -> int:
        """Tell stories and return how many steps they had.

        The first one that fails is made short, printed and kept for next time.
        """
        steps = 0

        class Counted(machine):  # type: ignore[misc, valid-type]
            def check_invariants(self, *given: object) -> None:
                nonlocal steps
                # It is called before the first step, too.
                steps += hasattr(self, "begun")
                self.begun = True
                super().check_invariants(*given)

        Counted.__name__ = Counted.__qualname__ = machine.__name__
        run_state_machine_as_test(
            Counted,
            settings=settings(
                max_examples=self.stories,
                stateful_step_count=self.steps,
                suppress_health_check=SLOW,
                deadline=None,
            ),
        )
        return steps

    def run_long(self, machine: type[RuleBasedStateMachine], out: pytest.CaptureFixture) -> None:
        """Tell stories and print the number of their steps, which is most of what was asked for."""
        steps = self.run(machine)
        with out.disabled():
            sys.stdout.write(f"\n{machine.__name__}: {steps} steps\n")
        assert steps > 0.8 * self.stories * self.steps, "most stories ended early"


QUICK = Pace(stories=60, steps=40)


def found_out(machine: type[RuleBasedStateMachine], pace: Pace = QUICK) -> None:
    """Fail unless the stories of a fixed seed, told of a mutant, end in a broken rule.

    The stories are the same at each run, and the one that fails is not made shorter.
    """
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=pace.stories * 40,
                stateful_step_count=pace.steps,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=SLOW,
                print_blob=False,
            ),
        )
