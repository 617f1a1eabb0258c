package billing

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Sheet is the name of the sheet with the customers.
const Sheet = "Customers"

// Columns are the headings, in order.
var Columns = []string{"Customer id", "Company", "First name", "Last name", "Email", "Phone", "City", "Country", "Plan", "Status",
	"Customer since", "Monthly amount", "Account owner", "Note"}

var widths = []float64{12, 34, 14, 20, 40, 22, 18, 9, 12, 10, 15, 16, 36, 28}

// Write makes the workbook.
func Write(path string) (err error) {
	f := excelize.NewFile()
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	// Fixed, so that the same rows make the same file.
	if err := f.SetDocProps(&excelize.DocProperties{Title: "Billing customers", Creator: "Norrsken billing",
		Created: "2026-01-12T08:00:00Z", Modified: "2026-01-12T08:00:00Z"}); err != nil {
		return err
	}
	if err := f.SetSheetName("Sheet1", Sheet); err != nil {
		return err
	}
	if err := writeCustomers(f); err != nil {
		return fmt.Errorf("write the customers: %w", err)
	}
	if err := writeAbout(f); err != nil {
		return fmt.Errorf("write the second sheet: %w", err)
	}
	return f.SaveAs(path)
}

func writeCustomers(f *excelize.File) error {
	styles := map[string]*excelize.Style{
		"A": {Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EFEDE8"}}},
		"K": {CustomNumFmt: new("yyyy-mm-dd")},
		"L": {CustomNumFmt: new("#,##0.00")},
	}
	ids := map[string]int{}
	for _, column := range []string{"A", "K", "L"} {
		id, err := f.NewStyle(styles[column])
		if err != nil {
			return err
		}
		ids[column] = id
	}
	w, err := f.NewStreamWriter(Sheet)
	if err != nil {
		return err
	}
	for i, width := range widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	header := make([]any, len(Columns))
	for i, name := range Columns {
		header[i] = excelize.Cell{StyleID: ids["A"], Value: name}
	}
	if err := w.SetRow("A1", header); err != nil {
		return err
	}
	for i, c := range Customers() {
		row := []any{c.ID, blank(c.Company), blank(c.First), blank(c.Last), c.Email, blank(c.Phone), blank(c.City), blank(c.Country), c.Plan, c.Status,
			excelize.Cell{StyleID: ids["K"], Value: c.Since}, excelize.Cell{StyleID: ids["L"], Value: c.Amount}, blank(c.Owner), blank(c.Note)}
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), row); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.AutoFilter(Sheet, fmt.Sprintf("A1:N%d", Total+1), nil)
}

// writeAbout adds a sheet that a sync must leave alone.
func writeAbout(f *excelize.File) error {
	if _, err := f.NewSheet("About"); err != nil {
		return err
	}
	for i, line := range []string{"Customers of the billing system, exported monthly.", "One row a customer; the customer id never changes.",
		"Country is the ISO code. The account owner is a colleague's e-mail address.", "Invented people and companies."} {
		if err := f.SetCellStr("About", fmt.Sprintf("A%d", i+1), line); err != nil {
			return err
		}
	}
	return f.SetColWidth("About", "A", "A", 80)
}

// blank is an empty cell instead of an empty text.
func blank(s string) any {
	if s == "" {
		return nil
	}
	return s
}
