#!/bin/sh
# Rebuilds the exam files under ../site from the sources in this folder.
# Nobody needs it to use luth: the results are committed. It needs Debian's
#   texlive-latex-extra texlive-fonts-recommended texlive-lang-french lmodern
#   cm-super ghostscript qpdf poppler-utils img2pdf libreoffice-writer
#   weasyprint fonts-liberation
# and gives the same bytes each time with the same versions of these.
set -eu
cd "$(dirname "$0")"
site=$(cd ../site && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1924905600 FORCE_SOURCE_DATE=1 TZ=UTC LC_ALL=C.UTF-8

# pdf IN OUT: an identifier made from the content alone, and streams as small
# as they get.
pdf() {
	mkdir -p "$(dirname "$2")"
	perl -0777 -pi -e 's{/ID\s*\[\s*<[0-9A-Fa-f]*>\s*<[0-9A-Fa-f]*>\s*\]}{" " x length $&}ge' "$1"
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
		-dOmitInfoDate=true -dOmitID=true -dOmitXMP=true \
		-sOutputFile="$work/cff.pdf" "$work/$1.pdf"
	pdf "$work/cff.pdf" "$site/$2/$1.pdf"
}

# office NAME FOLDER: a word processor's file, simple TrueType fonts. The
# header stands on odd pages only, and the date becomes a fixed one.
office() {
	soffice --headless "-env:UserInstallation=file://$work/office" --infilter='HTML (StarWriter)' \
		--convert-to pdf:writer_pdf_Export --outdir "$work" "$1.html" >/dev/null 2>&1
	sed -i 's/(D:[0-9]\{14\}/(D:20240701080000/; s,/DocChecksum /[0-9A-F]*,,' "$work/$1.pdf"
	pdf "$work/$1.pdf" "$site/$2/$1.pdf"
}

# web NAME FOLDER: CID TrueType fonts in Identity-H, as newer Word makes them.
web() {
	weasyprint -q "$1.html" "$work/$1.pdf"
	pdf "$work/$1.pdf" "$site/$2/$1.pdf"
}

# scan NAME FOLDER: pictures of the pages and no text.
scan() {
	pdflatex -interaction=batchmode -halt-on-error -output-directory "$work" "$1.tex" >/dev/null
	pdftoppm -r 110 -mono -png "$work/$1.pdf" "$work/scan-$1"
	img2pdf --nodate --output "$work/$1.pdf" "$work/scan-$1"-*.png
	pdf "$work/$1.pdf" "$site/$2/$1.pdf"
}

bac=annales-pdf
latex_cff spe-mathematiques-2031-metropole-1-sujet $bac/2031
latex_cff spe-mathematiques-2031-metropole-1-corrige $bac/2031
latex_cff spe-mathematiques-2031-metropole-2-sujet $bac/2031
latex_cff spe-mathematiques-2030-antilles-1-sujet $bac/2030
scan spe-mathematiques-2030-antilles-1-corrige $bac/2030
latex_cff spe-nsi-2030-metropole-1-sujet $bac/2030
latex_cff spe-nsi-2030-metropole-1-corrige $bac/2030
scan spe-nsi-2030-metropole-1-corrige-officiel $bac/2030
for role in sujet corrige; do
	office spe-physique-chimie-2031-metropole-1-$role $bac/2031
	office spe-anglais-2031-metropole-$role $bac/2031
	web spe-svt-2031-metropole-1-$role $bac/2031
	web spe-ses-2031-metropole-1-$role $bac/2031
	web philosophie-2031-metropole-$role $bac/2031
done

latex Concours_Armorique_2030_MP_Maths_1_e concours/doc
latex Concours_Armorique_2030_MP_Maths_1_ca concours/doc
latex_cff Concours_Armorique_2030_MP_Maths_1_cb concours/doc

latex DS7 prepa/mpsi-physique
latex DS7-corrige prepa/mpsi-physique
latex TD4_suites_numeriques prepa/mpsi-mathematiques
latex TD4_suites_numeriques-corrige prepa/mpsi-mathematiques

pdflatex -interaction=batchmode -halt-on-error -output-directory "$work" manuscrit.tex >/dev/null
pdftoppm -r 110 -mono -png -singlefile -x 80 -y 80 -W 660 -H 330 "$work/manuscrit.pdf" "$work/manuscrit"
TEXINPUTS=".:$work:" latex_cff DScours-vacances-corrige prepa/mpsi-mathematiques
latex_cff DScours-vacances prepa/mpsi-mathematiques

mkdir -p "$site/IMG/tex" "$site/prive"
cp Spe_Polynesie_2_sept_2030.tex Corrige_Spe_Polynesie_2_sept_2030.tex "$site/IMG/tex/"

# A folder that robots.txt closes holds a file all the same.
cp "$site/$bac/2031/spe-mathematiques-2031-metropole-2-sujet.pdf" \
	"$site/prive/spe-mathematiques-2032-metropole-1-sujet.pdf"

# One file needs a password, the other opens without but is locked.
for role in e ca; do
	name=Concours_Armorique_2029_PSI_Physique_1_$role
	latex_cff $name concours/doc
	[ $role = e ] && user=secret || user=
	qpdf --static-id --allow-weak-crypto --encrypt "$user" auteur 128 --extract=n --use-aes=n -- \
		"$site/concours/doc/$name.pdf" "$work/locked.pdf"
	mv "$work/locked.pdf" "$site/concours/doc/$name.pdf"
done

# A download that stopped half-way, and an error page named .pdf.
mkdir -p "$site/$bac/2029"
head -c 12000 "$site/$bac/2031/spe-svt-2031-metropole-1-sujet.pdf" >"$site/$bac/2029/spe-svt-2029-asie-1-sujet.pdf"
cat >"$site/$bac/2030/spe-physique-chimie-2030-amerique-nord-1-sujet.pdf" <<'HTML'
<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"><title>Erreur</title></head>
<body><h1>Document indisponible</h1><p>Ce document n'est plus en ligne.</p></body>
</html>
HTML

cd .. && go test . -run TestTruthMatchesMarks -update
