#!/bin/sh
# An AppImage, from the .tar.xz of make dist, with appimagetool
# (https://github.com/AppImage/appimagetool) on the path:
#   ./appimage.sh syncline-0.1.0-linux-amd64.tar.xz
set -eu
tarball="$(readlink -f "$1")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
tar -xJf "$tarball" -C "$work"
dir="$work/Syncline.AppDir"
"$work"/syncline-*/install.sh "$dir/usr"
ln -s usr/bin/syncline "$dir/AppRun"
cp "$dir/usr/share/applications/syncline.desktop" "$dir/usr/share/icons/hicolor/scalable/apps/syncline.svg" "$dir/"
name="$(basename "$tarball" .tar.xz)"
ARCH=x86_64 appimagetool "$dir" "$name.AppImage"
