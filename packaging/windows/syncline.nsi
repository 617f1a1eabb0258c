; The installer for Windows, for one user and without an administrator.
; makensis -DVERSION=… -DNUMBERS=0.1.0.0 -DBUILT=folder -DOUT=file syncline.nsi
Unicode true
Target amd64-unicode
!include MUI2.nsh
!include FileFunc.nsh
SetCompressor /SOLID lzma
SetDateSave off
Name "Syncline"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Syncline"
InstallDirRegKey HKCU "Software\Syncline" "Folder"
VIProductVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "Syncline"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Syncline installer"
VIAddVersionKey "LegalCopyright" "Syncline"
!define MUI_ICON "${BUILT}\syncline.ico"
!define MUI_UNICON "${BUILT}\syncline.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\synclinew.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Open Syncline"
!insertmacro MUI_PAGE_LICENSE "${BUILT}\LICENSE.txt"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "Spanish"
!insertmacro MUI_LANGUAGE "PortugueseBR"

!define GONE "Software\Microsoft\Windows\CurrentVersion\Uninstall\Syncline"

Section
  SetOutPath "$INSTDIR"
  File "${BUILT}\syncline.exe"   ; the command line
  File "${BUILT}\synclinew.exe"  ; the same program, without a console
  File "${BUILT}\LICENSE.txt"
  File "${BUILT}\LICENSES.txt"
  File "${BUILT}\CHANGELOG.md"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Syncline.lnk" "$INSTDIR\synclinew.exe"
  WriteRegStr HKCU "Software\Syncline" "Folder" "$INSTDIR"
  ; Documents of syncs: *.syncline.yaml can't be told from other .yaml by Windows, .syncline can.
  WriteRegStr HKCU "Software\Classes\.syncline" "" "Syncline.Document"
  WriteRegStr HKCU "Software\Classes\Syncline.Document" "" "Syncline sync"
  WriteRegStr HKCU "Software\Classes\Syncline.Document\DefaultIcon" "" "$INSTDIR\synclinew.exe,0"
  WriteRegStr HKCU "Software\Classes\Syncline.Document\shell\open\command" "" '"$INSTDIR\synclinew.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\.yaml\OpenWithProgids" "Syncline.Document" ""
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\syncline.exe" "" "$INSTDIR\syncline.exe"
  WriteRegStr HKCU "${GONE}" "DisplayName" "Syncline"
  WriteRegStr HKCU "${GONE}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${GONE}" "DisplayIcon" "$INSTDIR\synclinew.exe"
  WriteRegStr HKCU "${GONE}" "Publisher" "Syncline"
  WriteRegStr HKCU "${GONE}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${GONE}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${GONE}" "NoModify" 1
  WriteRegDWORD HKCU "${GONE}" "NoRepair" 1
SectionEnd

; The workspace, in the user's own folder, stays: it is the user's.
Section Uninstall
  Delete "$INSTDIR\syncline.exe"
  Delete "$INSTDIR\synclinew.exe"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\LICENSES.txt"
  Delete "$INSTDIR\CHANGELOG.md"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Syncline.lnk"
  DeleteRegKey HKCU "${GONE}"
  DeleteRegKey HKCU "Software\Syncline"
  DeleteRegKey HKCU "Software\Classes\.syncline"
  DeleteRegKey HKCU "Software\Classes\Syncline.Document"
  DeleteRegValue HKCU "Software\Classes\.yaml\OpenWithProgids" "Syncline.Document"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\syncline.exe"
SectionEnd
