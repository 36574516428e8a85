#!/usr/bin/env python3
"""Writes texfonts.txt from the AFM files of amsfonts (TeX Live, texlive-fonts-recommended).

    python3 testdata/make_texfonts.py /usr/share/texlive/texmf-dist/fonts/afm/public/amsfonts > texfonts.txt
"""

import re
import sys

FONTS = "cm/cmr10 cm/cmr5 cm/cmbx10 cm/cmti10 cm/cmtt10 cm/cmss10 cm/cmcsc10 cm/cmmi10 cm/cmmi5 cm/cmmib10 cm/cmsy10 cm/cmsy5 cm/cmbsy10 cm/cmex10 symbols/msam10 symbols/msbm10"
GLYPH = re.compile(r"C (\d+) ; WX (\S+) ; N (\S+) ; B (\S+) (\S+) (\S+) (\S+) ;")

print("# The glyphs of TeX's Type 1 fonts from their AFM files in amsfonts: for each font its")
print("# name, then code, name, width and bounding box of each glyph, in thousandths of the")
print("# font size. Made by testdata/make_texfonts.py.")
for font in FONTS.split():
    print("font", font.split("/")[1])
    with open(f"{sys.argv[1]}/{font}.afm") as afm:
        for code, width, name, *box in GLYPH.findall(afm.read()):
            if int(code) < 128:
                print(code, name, width, *box)
