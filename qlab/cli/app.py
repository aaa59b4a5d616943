"""The commands. Each parses its words, runs one flow and renders its events; what they show is decided by the flow.

Flows are imported inside the commands, so that `--help` opens none of them.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from qlab.cli.guard import guarded
from qlab.cli.out import Out
from qlab.model.exits import ExitCode
from qlab.model.service import RunnerName

if TYPE_CHECKING:
    import click

    from qlab.flows.world import World
    from qlab.model.events import Event


class _Group(TyperGroup):
    """Commands in the order of a learner's day."""

    def list_commands(self, ctx: "click.Context") -> list[str]:
        return list(self.commands)


app = typer.Typer(
    cls=_Group,
    help="Learn background jobs and message queues: real brokers, checks that teach, one terminal.",
    epilog="Exit codes: 0 passed or done, 1 a check failed, 2 wrong words, 3 this machine is not ready, "
    "4 the lab is wrong, 5 nothing to check, 70 a fault in qlab, 130 Ctrl-C.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    invoke_without_command=True,
)
services_app = typer.Typer(
    cls=_Group, help="What runs for this workspace.", rich_markup_mode=None, invoke_without_command=True
)
images_app = typer.Typer(cls=_Group, help="Images of services: fetch, build, carry.", rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
RunnerOption = Annotated[
    RunnerName | None,
    typer.Option("--runner", help="How to run services; chosen for you when left out.", case_sensitive=False),
]


def _lab_names(incomplete: str) -> list[str]:
    from qlab.catalog.discover import Catalog, builtin_root

    return [id for id in Catalog([builtin_root()]).folders if id.startswith(incomplete)]


LabArgument = Annotated[
    str | None, typer.Argument(metavar="[LAB]", help="A lab: day3, 3, kafka-basics.", autocompletion=_lab_names)
]


OpenScreen = Callable[[str], int]
"""Opens the full screen on a lab and returns its exit code. Given by the entry point: no command knows the screens."""


def run(open_screen: OpenScreen | None = None) -> int:
    """Run the command on sys.argv; returns its exit code."""
    out = Out()
    return guarded(lambda: _dispatch(out, open_screen), out)


def _dispatch(out: Out, open_screen: OpenScreen | None) -> int:
    import click

    try:
        result = typer.main.get_command(app).main(prog_name="qlab", standalone_mode=False, obj=open_screen)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        out.tell(out.paint("error", "red", err=True) + f": {error.format_message()}")
        context = getattr(error, "ctx", None)
        out.tell(f"  try    {context.command_path if context else 'qlab'} --help")
        return ExitCode.USAGE
    except click.Abort:
        raise KeyboardInterrupt from None
    if result == ExitCode.INTERRUPTED:
        # Typer turns Ctrl-C into this number and says nothing; the guard has a word for it.
        raise KeyboardInterrupt
    return int(result) if isinstance(result, int) else ExitCode.DONE


def _show(events: "Iterable[Event]", json: bool = False, *, services_aside: bool = False) -> ExitCode:
    """Render a flow as lines, or as one JSON document."""
    if json:
        from qlab.cli.documents import document

        return document(events, Out())
    from qlab.cli.lines import Lines

    return Lines(Out(), services_aside=services_aside).render(events)


def _finish(code: int) -> None:
    if code:
        raise typer.Exit(code)


def _world() -> "World":
    from qlab.flows.world import World

    return World.here()


@app.callback()
def bare(
    context: typer.Context,
    plain: Annotated[bool, typer.Option("--plain", help="Lines only, never the full screen.")] = False,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False,
) -> None:
    """Without a command: what is going on here, and the next command."""
    if version:
        from importlib.metadata import version as installed

        Out().say(f"qlab {installed('qlab')}")
    elif context.invoked_subcommand is None:
        from qlab.flows.services import status as flow

        _finish(_show(flow(_world())))


@app.command("list")
def list_labs(json: Json = False) -> None:
    """Show the labs and how far you are."""
    from qlab.flows.lessons import labs

    _finish(_show(labs(_world()), json))


@app.command()
def start(
    context: typer.Context,
    lab: LabArgument = None,
    runner: RunnerOption = None,
    pull: Annotated[bool, typer.Option("--pull", help="An image may be downloaded if nothing else is here.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Lines only, never the full screen.")] = False,
    json: Json = False,
) -> None:
    """Begin a lab: lay out your files, bring up its services."""
    from qlab.cli.terminal import wants_screen
    from qlab.flows.start import start as flow

    world = _world()
    _finish(_show(flow(world, lab, runner=runner, may_pull=pull), json))
    if context.obj and not plain and not json and wants_screen():
        _finish(context.obj(world.lab(lab).id))


@app.command()
def read(
    lab: LabArgument = None,
    page: Annotated[
        str | None, typer.Argument(help="A page: its number or its name. The first unread one when left out.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="A translation, such as uz.")] = "",
    json: Json = False,
) -> None:
    """Read a page of a lab."""
    from qlab.flows.lessons import read as flow

    _finish(_show(flow(_world(), lab, page, language=language), json))


@app.command("run")
def run_program(
    program: Annotated[str, typer.Argument(help="A program of the lab: worker, producer, ...")],
    args: Annotated[list[str] | None, typer.Argument(help="Its arguments.")] = None,
    lab: Annotated[
        str | None, typer.Option("--lab", help="The lab, when not the current one.", autocompletion=_lab_names)
    ] = None,
    worker_id: Annotated[str, typer.Option("--id", help="Its WORKER_ID.")] = "w1",
    runner: RunnerOption = None,
) -> None:
    """Run your program as the checks do, on the workspace's services."""
    import sys

    from qlab.flows.run import run as flow

    stdin = sys.stdin.fileno() if not sys.stdin.closed else None
    events = flow(_world(), program, args or [], name=lab, runner=runner, worker_id=worker_id, stdin=stdin)
    _finish(_show(events, services_aside=True))


@app.command()
def check(
    lab: Annotated[
        str | None,
        typer.Argument(
            metavar="[LAB | FOLDER]", help="A lab, or any folder together with --lab.", autocompletion=_lab_names
        ),
    ] = None,
    of: Annotated[
        str | None, typer.Option("--lab", help="The lab that FOLDER solves.", autocompletion=_lab_names)
    ] = None,
    step: Annotated[str | None, typer.Option("--step", help="Only the checks of this step.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this check; may be given again.")] = None,
    seed: Annotated[str | None, typer.Option("--seed", help="Repeat a run exactly.")] = None,
    runner: RunnerOption = None,
    json: Json = False,
) -> None:
    """Check your work against the lab's hidden checks."""
    from qlab.flows.check import check as flow

    world = _world()
    folder = world.cwd / Path(lab).expanduser() if of is not None and lab is not None else None
    name = of if of is not None else lab
    events = flow(world, name, folder=folder, step=step, only=only or (), seed=seed, runner=runner)
    _finish(_show(events, json))


@app.command()
def hint(
    check_name: Annotated[
        str | None, typer.Argument(metavar="[CHECK]", help="A check; the first failed one when left out.")
    ] = None,
    lab: Annotated[
        str | None, typer.Option("--lab", help="The lab, when not the current one.", autocompletion=_lab_names)
    ] = None,
    number: Annotated[int | None, typer.Option("--number", help="Show this hint again.")] = None,
    json: Json = False,
) -> None:
    """Show the next hint for a check, gentle first."""
    from qlab.flows.hint import hint as flow

    _finish(_show(flow(_world(), check_name, name=lab, rung=number), json))


@app.command()
def status(json: Json = False) -> None:
    """Show what runs and where you are."""
    from qlab.flows.services import status as flow

    _finish(_show(flow(_world()), json))


@app.command()
def stop(json: Json = False) -> None:
    """Stop everything qlab started for this workspace."""
    from qlab.flows.services import stop as flow

    _finish(_show(flow(_world()), json))


@app.command()
def reset(
    lab: LabArgument = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Begin a lab's files again; the old ones are kept beside."""
    import sys

    from qlab.flows.reset import reset as flow
    from qlab.model.errors import UsageError

    world = _world()
    if not yes:
        world.present_workspace()
        if not sys.stdin.isatty():
            raise UsageError(
                "reset asks before it moves your files", remedies=["say yes in the command: `qlab reset --yes`"]
            )
        typer.confirm(f"Move your files of {world.lab(lab).id} aside and begin again?", abort=True)
    _finish(_show(flow(world, lab), json))


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make a workspace.")] = Path(),
    json: Json = False,
) -> None:
    """Make a workspace in a folder of your choice."""
    from qlab.flows.init import init as flow

    _finish(_show(flow(_world(), folder), json))


@app.command()
def doctor(json: Json = False) -> None:
    """Look at this machine: what works, what is missing, the one thing to do."""
    from qlab.flows.doctor import doctor as flow

    _finish(_show(flow(_world()), json))


@services_app.callback()
def services_bare(context: typer.Context, json: Json = False) -> None:
    """What runs for this workspace."""
    if context.invoked_subcommand is None:
        from qlab.flows.services import status as flow

        _finish(_show(flow(_world(), rows=True), json))


Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Services: redis, ...")]


@services_app.command()
def up(
    names: Names = None,
    runner: RunnerOption = None,
    pull: Annotated[bool, typer.Option("--pull", help="An image may be downloaded.")] = False,
    json: Json = False,
) -> None:
    """Start services, or find them running; without names those of the current lab."""
    from qlab.flows.services import up as flow

    _finish(_show(flow(_world(), names or (), runner=runner, may_pull=pull), json))


@services_app.command()
def down(names: Names = None, json: Json = False) -> None:
    """Stop services."""
    from qlab.flows.services import down as flow

    _finish(_show(flow(_world(), names or ()), json))


@services_app.command()
def logs(name: Annotated[str, typer.Argument(help="A service: redis, ...")]) -> None:
    """Show the last lines of a service's own log."""
    from qlab.flows.services import logs as flow

    _finish(_show(flow(_world(), name)))


def _images(flow: "Callable[[World], Iterable[Event]]", json: bool = False) -> None:
    _finish(_show(flow(_world()), json))


@images_app.command("pull")
def images_pull(names: Names = None, json: Json = False) -> None:
    """Fetch the official images."""
    from qlab.flows import images

    _images(lambda world: images.pull(world, names or ()), json)


@images_app.command("build")
def images_build(names: Names = None, json: Json = False) -> None:
    """Make the images from Debian packages, with no image registry."""
    from qlab.flows import images

    _images(lambda world: images.build(world, names or ()), json)


@images_app.command("save")
def images_save(file: Annotated[Path, typer.Argument(help="The tar file to write.")], names: Names = None) -> None:
    """Write images to one file, to carry them to another machine."""
    from qlab.flows import images

    _images(lambda world: images.save(world, file, names or ()))


@images_app.command("load")
def images_load(file: Annotated[Path, typer.Argument(help="The tar file to read.")]) -> None:
    """Read images from a file."""
    from qlab.flows import images

    _images(lambda world: images.load(world, file))


app.add_typer(services_app, name="services")
app.add_typer(images_app, name="images")
