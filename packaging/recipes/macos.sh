#!/bin/sh
# The bundle for macOS, signed, notarised and in a .dmg. On a Mac with Xcode's command
# line tools, Go, and a Developer ID:
#   export SIGN="Developer ID Application: Syncline (TEAMID)" NOTARY=profile   # notarytool store-credentials profile
#   ./packaging/recipes/macos.sh 0.1.0
set -eu
cd "$(dirname "$0")/../.."
version="$1"
out="dist/macos"
app="$out/Syncline.app"
rm -rf "$out"
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"
for arch in arm64 amd64; do
	GOOS=darwin GOARCH=$arch CGO_ENABLED=1 go build -trimpath -tags migrated_fynedo \
		-ldflags "-s -w -X syncline/app.Version=$version" -o "$out/syncline-$arch" .
done
lipo -create "$out/syncline-arm64" "$out/syncline-amd64" -output "$app/Contents/MacOS/syncline"
mkdir "$out/syncline.iconset"
for size in 16 32 128 256 512; do
	sips -z $size $size assets/icons/app-512.png --out "$out/syncline.iconset/icon_${size}x${size}.png" >/dev/null
done
iconutil -c icns "$out/syncline.iconset" -o "$app/Contents/Resources/syncline.icns"
cp LICENSE assets/licences.txt "$app/Contents/Resources/"
cat >"$app/Contents/Info.plist" <<PLIST
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
	<key>CFBundleName</key><string>Syncline</string>
	<key>CFBundleIdentifier</key><string>app.syncline</string>
	<key>CFBundleExecutable</key><string>syncline</string>
	<key>CFBundleIconFile</key><string>syncline</string>
	<key>CFBundlePackageType</key><string>APPL</string>
	<key>CFBundleShortVersionString</key><string>$version</string>
	<key>CFBundleVersion</key><string>$version</string>
	<key>LSMinimumSystemVersion</key><string>12.0</string>
	<key>NSHighResolutionCapable</key><true/>
	<key>CFBundleDocumentTypes</key><array><dict>
		<key>CFBundleTypeName</key><string>Syncline sync</string>
		<key>CFBundleTypeExtensions</key><array><string>syncline</string></array>
		<key>CFBundleTypeRole</key><string>Editor</string>
	</dict></array>
</dict></plist>
PLIST
codesign --force --options runtime --timestamp --sign "$SIGN" "$app"
hdiutil create -volname Syncline -srcfolder "$app" -ov -format UDZO "$out/Syncline-$version.dmg"
codesign --force --timestamp --sign "$SIGN" "$out/Syncline-$version.dmg"
xcrun notarytool submit "$out/Syncline-$version.dmg" --keychain-profile "$NOTARY" --wait
xcrun stapler staple "$out/Syncline-$version.dmg"
