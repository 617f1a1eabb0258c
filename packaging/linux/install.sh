#!/bin/sh
# Installs Syncline for one user, or with a folder for all of them:
#   ./install.sh [PREFIX]      PREFIX is ~/.local unless it is given
#   ./install.sh --remove [PREFIX]
set -eu
cd "$(dirname "$0")"
remove=
if [ "${1:-}" = --remove ]; then
	remove=yes
	shift
fi
prefix="${1:-$HOME/.local}"

put() { # MODE FROM TO
	if [ -n "$remove" ]; then
		rm -f "$prefix/$3"
	else
		install -D -m "$1" "$2" "$prefix/$3"
	fi
}

put 755 syncline bin/syncline
put 644 share/syncline.desktop share/applications/syncline.desktop
put 644 share/syncline-mime.xml share/mime/packages/syncline.xml
put 644 share/app.svg share/icons/hicolor/scalable/apps/syncline.svg
put 644 share/app-128.png share/icons/hicolor/128x128/apps/syncline.png
put 644 share/completion/syncline.bash share/bash-completion/completions/syncline
put 644 share/completion/_syncline share/zsh/site-functions/_syncline
put 644 share/completion/syncline.fish share/fish/vendor_completions.d/syncline.fish
for page in share/man/*; do
	put 644 "$page" "share/man/man1/${page##*/}"
done
for tool in "update-mime-database $prefix/share/mime" "update-desktop-database $prefix/share/applications"; do
	if command -v "${tool%% *}" >/dev/null; then $tool || true; fi
done
if [ -n "$remove" ]; then
	echo "Syncline is removed from $prefix. What it knows of your syncs stays where it is."
else
	echo "Syncline is installed in $prefix. Start it from the menu, or with $prefix/bin/syncline."
fi
