# A cask for Homebrew. In a tap of yours (homebrew-tap/Casks/syncline.rb), with the
# version and the sum of the .dmg that recipes/macos.sh makes, and your own addresses:
#   brew tap syncline/tap && brew install --cask syncline
#   brew audit --cask --online syncline
cask "syncline" do
  version "0.1.0"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000" # shasum -a 256 Syncline-0.1.0.dmg

  url "https://github.com/syncline/syncline/releases/download/v#{version}/Syncline-#{version}.dmg"
  name "Syncline"
  desc "Keeps HubSpot and your own data in agreement"
  homepage "https://syncline.app/"

  app "Syncline.app"
  binary "#{appdir}/Syncline.app/Contents/MacOS/syncline"

  zap trash: ["~/Library/Application Support/syncline", "~/Library/Preferences/app.syncline.plist"]
end
