#!/bin/sh
# Rebuilds the exam files under ../site from the sources in this folder.
# Nobody needs it to use luth: the results are committed. It needs Debian's
#   texlive-latex-extra texlive-fonts-recommended texlive-lang-french lmodern
#   ghostscript qpdf poppler-utils img2pdf libreoffice-writer fonts-liberation
# and gives the same bytes each time with the same versions of these.
set -eu
cd "$(dirname "$0")"
site=$(cd ../site && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1924905600 FORCE_SOURCE_DATE=1 TZ=UTC LC_ALL=C.UTF-8

# pdf IN OUT: a fixed identifier, and streams as small as they get.
pdf() {
	mkdir -p "$(dirname "$2")"
	qpdf --deterministic-id --recompress-flate --compression-level=9 "$1" "$2"
}

# latex NAME FOLDER: Type 1 fonts, as pdflatex embeds them.
latex() {
	for run in 1 2; do
		pdflatex -interaction=batchmode -halt-on-error -output-directory "$work" "$1.tex" >/dev/null
	done
	pdf "$work/$1.pdf" "$site/$2/$1.pdf"
}

# latex_cff NAME FOLDER: the same through Ghostscript, which turns the fonts
# into Type 1C, as print shops and scanners' software do.
latex_cff() {
	latex "$1" "$2"
	gs -q -dNOPAUSE -dBATCH -sDEVICE=pdfwrite -dCompatibilityLevel=1.5 \
		-sOutputFile="$work/cff.pdf" "$work/$1.pdf"
	pdf "$work/cff.pdf" "$site/$2/$1.pdf"
}

bac=annales-pdf
latex_cff spe-mathematiques-2031-metropole-1-sujet $bac/2031
latex_cff spe-mathematiques-2031-metropole-1-corrige $bac/2031

latex Concours_Armorique_2030_MP_Maths_1_e concours/doc
latex Concours_Armorique_2030_MP_Maths_1_ca concours/doc

mkdir -p "$site/IMG/tex"
cp Spe_Polynesie_2_sept_2030.tex Corrige_Spe_Polynesie_2_sept_2030.tex "$site/IMG/tex/"

cd .. && go test . -run TestTruthMatchesMarks -update
