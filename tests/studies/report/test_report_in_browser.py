"""The report in a real browser: nothing overflows, nothing is asked for, no error."""

import json
import re
import shutil
import subprocess

import pytest

BROWSER = shutil.which('chromium') or shutil.which('chromium-browser')
MEASURE = """
<script>
window.addEventListener('load', () => {
  const width = document.documentElement.clientWidth, wide = [];
  for (const element of document.querySelectorAll('body *')) {
    const framed = element.closest('.scroll, pre');
    if (framed && framed !== element) continue;
    const {right} = element.getBoundingClientRect();
    if (right > width + 1) wide.push(element.outerHTML.slice(0, 90));
  }
  const images = [...document.images];
  document.body.dataset.measured = JSON.stringify({
    width: innerWidth, scroll: document.documentElement.scrollWidth, wide,
    broken: images.filter(image => !image.naturalWidth).length, images: images.length,
    narrow: images.filter(image => image.closest('.grid') && image.clientWidth < 300).length,
    requests: performance.getEntriesByType('resource').map(entry => entry.name.slice(0, 60))
      .filter(name => !name.startsWith('data:')),
  });
});
</script>
"""

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason='there is no chromium: apt-get install chromium'
)


def measure(report_path, folder, width):
    """Open the report with a script that measures it; its policy is relaxed for that script."""
    html = report_path.read_text().replace(
        "default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';"
    )
    page = folder / f'measured_{width}.html'
    page.write_text(html.replace('</body>', f'{MEASURE}</body>'))
    # a window is at least 500 pixels wide, so that a phone's width is that of a frame in it
    frame = folder / f'frame_{width}.html'
    frame.write_text(
        f'<body style="margin:0"><iframe src="{page.name}" width="{width}" height="900" '
        'style="border:0"></iframe><script>addEventListener("load", () => { document.body.dataset.'
        'measured = frames[0].document.body.dataset.measured; });</script></body>'
    )
    done = subprocess.run(
        [
            BROWSER,
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--enable-logging=stderr',
            '--v=0',
            '--allow-file-access-from-files',
            f'--user-data-dir={folder / "profile"}',
            '--window-size=1400,1000',
            '--virtual-time-budget=20000',
            '--dump-dom',
            frame.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    found = re.search(r'data-measured="([^"]*)"', done.stdout)
    assert found, done.stderr[-2000:]
    console = [line for line in done.stderr.splitlines() if 'CONSOLE' in line]
    return json.loads(found.group(1).replace('&quot;', '"').replace('&amp;', '&')), console


@pytest.mark.slow
@pytest.mark.parametrize('width', [1280, 375])
def test_it_fits_and_is_complete_in_itself(report_path, tmp_path, width):
    measured, console = measure(report_path, tmp_path, width)
    assert measured['width'] == width
    assert measured['scroll'] <= width and measured['wide'] == []
    assert measured['images'] > 10 and measured['broken'] == 0 and measured['narrow'] == 0
    assert measured['requests'] == [] and console == []
