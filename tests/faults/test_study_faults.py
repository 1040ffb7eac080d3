"""Study files that ask for what cannot be, and results that are damaged, hostile, or of others."""

import os
import shutil

import pytest

from support.faults import Fault, in_turn, nothing, written

CELL = 'results/runs/stslidr/seed0'
NOTE, RESULT, PROBE = f'{CELL}/probe/cell.json', f'{CELL}/probe/result.json', f'{CELL}/pretrain'
NAN = float('nan')


def study(edit):
    return lambda world: world.edit_yaml('study.yaml', edit)


def note(edit):
    return lambda world: world.edit_json(NOTE, edit)


def result(edit):
    return lambda world: world.edit_json(RESULT, edit)


def logs(content):
    def damage(world):
        for path in (world / PROBE).rglob('scalars.json'):
            path.write_bytes(content)

    return damage


def linked_log(world):
    for path in (world / PROBE).rglob('scalars.json'):
        path.unlink()
        path.symlink_to('/etc/passwd')


def hostile_config(world):
    """A config that lies in the results and would run."""
    for path in (world / 'results').rglob('*.py'):
        path.write_text('raise SystemExit("this ran")')


ALIASES = b'a: &a [x, x, x, x, x, x, x, x, x]\n' + b''.join(
    b'%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n' % (n + 1, n + 1, *[n] * 9)
    for n in range(97, 110)
)
FILE, REPORT = r'study\.yaml', 'report'
FAULTS = [
    # the study file
    Fault('study is missing', lambda w: (w / 'study.yaml').unlink(), FILE, 'study'),
    Fault(
        'study is a folder',
        lambda w: (os.remove(w / 'study.yaml'), (w / 'study.yaml').mkdir()),
        FILE,
        'study',
    ),
    Fault('study is empty', written('study.yaml', b''), FILE, 'study'),
    Fault('study is a list', written('study.yaml', b'- a\n- b\n'), FILE, 'study'),
    Fault('study is no YAML', written('study.yaml', b'title: [\n'), FILE, 'study'),
    Fault('study is not UTF-8', written('study.yaml', b'title: \xff'), FILE, 'study'),
    Fault('study is an alias bomb', written('study.yaml', ALIASES), FILE, 'study'),
    Fault('study is nested 100,000 deep', written('study.yaml', b'[' * 100_000), FILE, 'study'),
    Fault(
        'study asks for Python',
        written('study.yaml', b'title: !!python/object/apply:os.system ["true"]\n'),
        FILE,
        'study',
    ),
    Fault(
        'study has a key twice',
        lambda w: w.edit_bytes('study.yaml', lambda d: d + b'\ntitle: again\n'),
        FILE,
        'study',
    ),
    Fault('study has an unknown key', study(lambda s: s.update(titel='x')), 'titel', 'study'),
    Fault('study has no title', study(lambda s: s.pop('title')), 'title', 'study'),
    Fault('study has a number for a title', study(lambda s: s.update(title=3)), 'title', 'study'),
    Fault('study has no methods', study(lambda s: s.update(methods={})), 'methods', 'study'),
    Fault(
        'study has a list of methods', study(lambda s: s.update(methods=['a'])), 'methods', 'study'
    ),
    Fault('study has no tasks', study(lambda s: s.pop('tasks')), 'tasks', 'study'),
    Fault('study has no seeds', study(lambda s: s.update(seeds=[])), 'seeds', 'study'),
    Fault('study has a seed twice', study(lambda s: s.update(seeds=[0, 0])), 'seed', 'study'),
    Fault(
        'study has a seed that is a text', study(lambda s: s.update(seeds=['a'])), 'seed', 'study'
    ),
    Fault('study has a negative seed', study(lambda s: s.update(seeds=[-1])), 'seed', 'study'),
    Fault(
        'baseline is none of the methods',
        study(lambda s: s.update(baseline='best')),
        'baseline',
        'study',
    ),
    Fault(
        'a method leads out of the results',
        study(lambda s: s['methods'].update({'../../x': {'title': 'X'}})),
        r'\.\./\.\./x',
        'study',
    ),
    Fault(
        'a method has an unknown key',
        study(lambda s: s['methods']['stslidr'].update(pretain='a')),
        'pretain',
        'study',
    ),
    Fault(
        'a method has a config that is not there',
        study(lambda s: s['methods']['stslidr'].update(pretrain='configs/nothing.py')),
        r'nothing\.py',
        'study',
    ),
    Fault(
        'a method has an option of another form',
        study(lambda s: s['methods']['other'].update(options=['a=1'])),
        'options',
        'study',
    ),
    Fault(
        'a method has a task that there is none of',
        study(lambda s: s['methods']['other'].update(tasks=['nothing'])),
        'nothing',
        'study',
    ),
    Fault(
        'a task has no config',
        study(lambda s: s['tasks']['probe'].pop('config')),
        'config',
        'study',
    ),
    Fault(
        'a task has a config that is not there',
        study(lambda s: s['tasks']['probe'].update(config='nothing.py')),
        r'nothing\.py',
        'study',
    ),
    Fault(
        'a task leads out of the results',
        study(lambda s: s['tasks'].update({'../x': dict(s['tasks']['probe'])})),
        r'\.\./x',
        'study',
    ),
    Fault(
        'a comparison names no method',
        study(lambda s: s.update(compare=[['stslidr', 'nothing']])),
        'nothing',
        'study',
    ),
    Fault(
        'a comparison has three methods',
        study(lambda s: s.update(compare=[['stslidr', 'other', 'random']])),
        'compare',
        'study',
    ),
    Fault(
        'a comparison of a method with itself',
        study(lambda s: s.update(compare=[['stslidr', 'stslidr']])),
        'compare|stslidr',
        'study',
    ),
    Fault(
        'GPUs of a run are negative',
        study(lambda s: s.update(gpus_per_run=-1)),
        'gpus_per_run',
        'study',
    ),
    Fault('results into a file', nothing, 'text', 'study', '--out {root}/text'),
    Fault('results below a file', nothing, 'text', 'study', '--out {root}/text/results'),
    # results
    Fault('results are not there', lambda w: shutil.rmtree(w / 'results'), 'results', REPORT),
    Fault(
        'results are a file',
        lambda w: (shutil.rmtree(w / 'results'), (w / 'results').touch()),
        'results',
        REPORT,
    ),
    Fault('a note is missing', lambda w: (w / NOTE).unlink(), 'stslidr', REPORT),
    Fault('a note is empty', written(NOTE, b''), r'cell\.json', REPORT),
    Fault('a note is a list', note(lambda n: [n]), r'cell\.json', REPORT),
    Fault(
        'a note is cut',
        lambda w: w.edit_bytes(NOTE, lambda d: d[: len(d) // 2]),
        r'cell\.json',
        REPORT,
    ),
    Fault('a note is nested 100,000 deep', written(NOTE, b'[' * 100_000), r'cell\.json', REPORT),
    Fault(
        'a note is of another method',
        note(lambda n: n.update(method='other')),
        'is of another run: method',
        REPORT,
    ),
    Fault(
        'a note is of another seed',
        note(lambda n: n.update(seed=5)),
        'is of another run: seed',
        REPORT,
    ),
    Fault(
        'a note is of another pretraining',
        note(lambda n: n.update(parent_checkpoint_sha256='0' * 64)),
        'is of another run: parent_checkpoint',
        REPORT,
    ),
    Fault(
        'a note lacks its checkpoint',
        note(lambda n: n.pop('checkpoint') and n),
        'has no checkpoint',
        REPORT,
    ),
    Fault(
        'a note leads to another checkpoint',
        note(lambda n: n.update(checkpoint='../../../../../etc/passwd')),
        'checkpoint|passwd',
        REPORT,
    ),
    Fault(
        'a note has a number for commands', note(lambda n: n.update(commands=7)), 'commands', REPORT
    ),
    Fault('a result is missing', lambda w: (w / RESULT).unlink(), r'result\.json', REPORT),
    Fault('a result is empty', written(RESULT, b''), r'result\.json', REPORT),
    Fault('a result is a list', result(lambda r: [r]), r'result\.json', REPORT),
    Fault(
        'a result has no scores',
        result(lambda r: r.pop('segmentation') and None),
        r'result\.json',
        REPORT,
    ),
    Fault(
        'a result has a text for scores',
        result(lambda r: r.update(segmentation='good')),
        r'result\.json',
        REPORT,
    ),
    Fault(
        'a result has other classes',
        result(lambda r: r['segmentation']['all']['iou'].popitem() and None),
        r'result\.json',
        REPORT,
    ),
    Fault(
        'a result is NaN',
        result(
            lambda r: (
                [r['segmentation'].update({k: NAN}) for k in r['segmentation'] if k == 'miou']
                and None
            )
        ),
        r'result\.json|NaN|nan',
        REPORT,
    ),
    Fault(
        'a result is of another checkpoint',
        result(lambda r: r.update(checkpoint_sha256='0' * 64)),
        r'result\.json|checkpoint',
        REPORT,
    ),
    Fault('a log is a link to elsewhere', linked_log, 'is a link to /etc/passwd', REPORT),
    Fault('a log is not UTF-8', logs(b'\xff\n\n'), r'scalars\.json', REPORT),
    Fault('a log is text', logs(b'nothing\nto\nsee\n'), r'scalars\.json, line 1', REPORT),
    Fault('a log is empty', logs(b''), r'log|scalars', REPORT),
    Fault(
        'checkpoints of the results are damaged',
        lambda w: [p.write_bytes(b'x') for p in (w / CELL).rglob('*.pth')],
        r'\.pth',
        REPORT,
    ),
    Fault(
        'checkpoints of the results are gone',
        lambda w: [p.unlink() for p in (w / CELL).rglob('*.pth')],
        r'\.pth',
        REPORT,
    ),
    Fault('configs of the results would run', hostile_config, 'report.html', REPORT, handled=True),
    Fault('report into a folder', nothing, 'folder|directory', REPORT, '--out {root}/data'),
    Fault('report below a file', nothing, 'text', REPORT, '--out {root}/text/report.html'),
]


@pytest.mark.parametrize('fault', in_turn(FAULTS))
def test_fault(fault, study_world, capsys):
    fault.check(study_world, capsys)
