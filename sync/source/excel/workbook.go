package excel

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/richardlehane/mscfb"

	"syncline/sync/source/tabular"
)

// workbook is an open .xlsx package (ECMA-376): a zip of XML parts that refer
// to each other by relationships.
type workbook struct {
	zip      *zip.Reader
	limits   Limits
	size     int64                // of the file
	parts    map[string]*zip.File // by name without a leading slash
	main     string               // the workbook part
	date1904 bool
	// uncalculated says that the program that wrote the workbook leaves it to
	// Excel to calculate, and writes 0 for the result of each formula.
	uncalculated bool
	sheets       []sheet
	names        []definedName
	styles       styles
	stylesPart   string // "" if it has none
	strings      sharedStrings
}

// sheet is a worksheet as the workbook lists it.
type sheet struct {
	Name   string
	Hidden bool
	part   string
}

// definedName is a name that a workbook gives to cells.
type definedName struct{ name, refers string }

// readWorkbook reads what is needed to find and understand the sheets, but not
// the shared texts.
func readWorkbook(f *os.File, size int64, limits Limits) (*workbook, error) {
	if err := checkDirectory(f, size, limits.Directory); err != nil {
		return nil, err
	}
	zr, err := zip.NewReader(f, size)
	if err != nil {
		return nil, notWorkbook(f, err)
	}
	w := &workbook{zip: zr, size: size, limits: limits, parts: make(map[string]*zip.File, len(zr.File))}
	for _, part := range zr.File {
		w.parts[strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/")] = part
	}
	root, err := w.relationships("")
	if err != nil {
		return nil, err
	}
	main, ok := root.ofType("/officeDocument")
	if !ok || w.parts[main] == nil {
		return nil, w.otherZip()
	}
	w.main = main
	rels, err := w.relationships(main)
	if err != nil {
		return nil, err
	}
	if err := w.readMain(rels); err != nil {
		return nil, err
	}
	if target, ok := rels.ofType("/styles"); ok && w.parts[target] != nil {
		if w.styles, err = readStyles(w, target); err != nil {
			return nil, err
		}
		w.stylesPart = target
	}
	if target, ok := rels.ofType("/sharedStrings"); ok {
		w.strings.part = w.parts[target]
	}
	return w, nil
}

// notWorkbook explains a file that is no zip.
func notWorkbook(f *os.File, err error) error {
	head := make([]byte, 8)
	if _, err := f.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	switch {
	case string(head) == "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1":
		return oldOrEncrypted(f)
	case strings.HasPrefix(string(head), "PK"):
		return fmt.Errorf("is a damaged workbook (%w); open it in Excel, let Excel repair it, and save it", err)
	}
	return errors.New("is not an Excel workbook, whatever its name says; open it in Excel and save it as “Excel Workbook (.xlsx)”")
}

// oldOrEncrypted tells the two kinds of compound file apart: Excel 97's .xls,
// and an .xlsx inside an encryption.
func oldOrEncrypted(f *os.File) error {
	doc, err := mscfb.New(f)
	if err != nil {
		return fmt.Errorf("is a damaged Excel file (%w); open it in Excel and save it as “Excel Workbook (.xlsx)”", err)
	}
	for entry, err := doc.Next(); err == nil; entry, err = doc.Next() {
		switch entry.Name {
		case "EncryptedPackage":
			return errors.New("is protected with a password. Open it in Excel, take the password away (File, Info, Protect Workbook, Encrypt with Password), save it, and try again")
		case "Workbook", "Book":
			return errors.New("is in the old .xls format. Open it in Excel and save it as “Excel Workbook (.xlsx)”")
		}
	}
	return errors.New("is not an Excel workbook but another kind of Office file; choose an .xlsx workbook")
}

// otherZip explains a zip that holds no workbook.
func (w *workbook) otherZip() error {
	switch {
	case w.parts["mimetype"] != nil && w.parts["content.xml"] != nil:
		return errors.New("is an OpenDocument file. Open it in LibreOffice and save it as “Excel 2007-365 (.xlsx)”")
	case w.parts["Index/Document.iwa"] != nil || w.parts["Index.zip"] != nil:
		return errors.New("is a Numbers document. In Numbers choose File, Export To, Excel")
	case w.parts["word/document.xml"] != nil || w.parts["ppt/presentation.xml"] != nil:
		return errors.New("is a Word or PowerPoint file; choose an .xlsx workbook")
	}
	var inside []string
	for _, part := range w.zip.File {
		if !strings.HasSuffix(part.Name, "/") && !strings.HasPrefix(part.Name, "__MACOSX/") && len(inside) < 3 {
			inside = append(inside, "“"+path.Base(part.Name)+"”")
		}
	}
	if len(inside) == 0 {
		return errors.New("is a zip file with nothing in it; choose a CSV file or an Excel workbook")
	}
	return fmt.Errorf("is a zip file without a workbook's content; unpack it and choose the workbook or CSV file inside (it holds %s)", strings.Join(inside, ", "))
}

type relationships struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
		Mode   string `xml:"TargetMode,attr"`
	} `xml:"Relationship"`
}

// relationships reads those of a part, "" being the package, with targets as
// part names. A part without any has none.
func (w *workbook) relationships(of string) (relationships, error) {
	var rels relationships
	dir, name := path.Split(of)
	relsPart := dir + "_rels/" + name + ".rels"
	if w.parts[relsPart] == nil {
		return rels, nil
	}
	if err := w.decode(relsPart, &rels); err != nil {
		return rels, err
	}
	for i := range rels.List {
		r := &rels.List[i]
		target := strings.ReplaceAll(r.Target, `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		r.Target = strings.TrimPrefix(path.Clean(target), "/")
	}
	return rels, nil
}

// ofType finds a relationship by the end of its type, which the transitional
// and the strict namespaces have in common.
func (r relationships) ofType(suffix string) (target string, ok bool) {
	for _, rel := range r.List {
		if strings.HasSuffix(rel.Type, suffix) && rel.Mode != "External" {
			return rel.Target, true
		}
	}
	return "", false
}

// decode reads a small part as a whole.
func (w *workbook) decode(part string, into any) error {
	data, err := w.read(part)
	if err != nil {
		return err
	}
	if err := xml.Unmarshal(data, into); err != nil {
		return damaged(part, err)
	}
	return nil
}

func (w *workbook) read(part string) ([]byte, error) {
	f := w.parts[part]
	if f == nil {
		return nil, damaged(part, errors.New("it is missing"))
	}
	r, err := w.unpack(f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, int64(w.limits.Part)+1))
	if err != nil {
		return nil, damaged(part, err)
	}
	if len(data) > w.limits.Part {
		return nil, damaged(part, fmt.Errorf("it is larger than %s", tabular.Bytes(w.limits.Part)))
	}
	return data, nil
}

func damaged(part string, err error) error {
	return fmt.Errorf("is a damaged workbook (%s: %w); open it in Excel, let Excel repair it, and save it", part, err)
}

func (w *workbook) readMain(rels relationships) error {
	if strings.HasSuffix(w.main, ".bin") {
		return errors.New("is a binary workbook (.xlsb). Open it in Excel and save it as “Excel Workbook (.xlsx)”")
	}
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Calc struct {
			ID   string `xml:"calcId,attr"`
			Full string `xml:"fullCalcOnLoad,attr"`
		} `xml:"calcPr"`
		Names []struct {
			Name   string `xml:"name,attr"`
			Refers string `xml:",chardata"`
		} `xml:"definedNames>definedName"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			State string     `xml:"state,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := w.decode(w.main, &book); err != nil {
		return err
	}
	w.date1904 = isTrue(book.Properties.Date1904)
	// XlsxWriter and its kin in other languages always name this engine.
	w.uncalculated = book.Calc.ID == "124519" && isTrue(book.Calc.Full)
	for _, n := range book.Names {
		w.names = append(w.names, definedName{n.Name, strings.TrimSpace(n.Refers)})
	}
	for _, s := range book.Sheets {
		for _, rel := range rels.List {
			if rel.ID == relationshipID(s.Attrs) && strings.HasSuffix(rel.Type, "/worksheet") {
				w.sheets = append(w.sheets, sheet{s.Name, s.State == "hidden" || s.State == "veryHidden", rel.Target})
			}
		}
	}
	if len(w.sheets) == 0 {
		return errors.New("has no worksheet; add a sheet with a header row and try again")
	}
	return nil
}

// relationshipID is the attribute r:id, whose namespace differs between the
// transitional and the strict form.
func relationshipID(attrs []xml.Attr) string {
	for _, a := range attrs {
		if a.Name.Local == "id" && strings.HasSuffix(a.Name.Space, "/relationships") {
			return a.Value
		}
	}
	return ""
}

func isTrue(s string) bool { return s == "1" || s == "true" || s == "on" }

// find returns the sheet with a name, or for "" the first one that is shown.
func (w *workbook) find(name string) (sheet, error) {
	var names []string
	for _, s := range w.sheets {
		if s.Name == name || name == "" && !s.Hidden {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if name == "" {
		return w.sheets[0], nil
	}
	near := ""
	if n := tabular.Near(name, names); n != "" {
		near = fmt.Sprintf("; did you mean “%s”?", n)
	}
	return sheet{}, fmt.Errorf("has no sheet “%s”%s Its sheets are: %s", name, orStop(near), strings.Join(names, ", "))
}

func orStop(s string) string {
	if s == "" {
		return "."
	}
	return s
}
