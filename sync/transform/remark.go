package transform

// Remark is a kind of thing that was guessed, left out or repaired in a value
// and that nobody asked for: each kind is said once, with its count.
type Remark string

// The kinds of remark, as they are said.
const (
	RemarkUTC        Remark = "times without a zone are taken as UTC: say zone: (such as Europe/Berlin) under source if they are of another one"
	RemarkSeconds    Remark = "numbers of ten digits are read as Unix seconds"
	RemarkPercent    Remark = "percentages are divided by 100, so that 15% becomes 0.15"
	RemarkYears      Remark = "years of two digits are read as 1969 to 2068"
	RemarkClock      Remark = "the time of day is left out, since the property holds a day; the day is the one that is written"
	RemarkMidnight   Remark = "days without a time are taken as midnight UTC: say zone: (such as Europe/Berlin) under source if they are of another one"
	RemarkFiner      Remark = "times are cut to the millisecond, which is as fine as HubSpot keeps them"
	RemarkInvisible  Remark = "invisible characters are left out"
	RemarkSpaces     Remark = "texts start or end with spaces, which are written with them: add the transform trim to leave them out"
	RemarkDigits     Remark = "numbers are cut to the fifteen digits that HubSpot keeps"
	RemarkScientific Remark = "numbers in scientific notation may have lost their last digits in a spreadsheet"
	RemarkWhole      Remark = "places of whole numbers (.0), as programs write them, are left out of phone numbers and identifiers"
	RemarkPlacesKept Remark = "texts are whole numbers with places (such as 12345.0), as programs write them: if they are identifiers, correct the column where it comes from"
	RemarkCode       Remark = "texts such as 12E5 are written as they are: if they are numbers in scientific notation, format the column as text and enter them again"
	RemarkPlaces     Remark = "numbers have more places than the two that HubSpot shows of an amount"
	RemarkNoPhone    Remark = "phone numbers are none that their country gives out, by length or first digits, and are written all the same: look at them"
	RemarkNamibia    Remark = "NA is read as the code of Namibia: name it under source as blanks: if it means that the country is missing"
	RemarkNorway     Remark = "no is read as the code of Norway: if it is an answer (yes or no), it stands in the wrong column"
	RemarkCongo      Remark = "Congo is read as the Republic of the Congo (CG): write Democratic Republic of the Congo, or CD, where that is meant"
	RemarkStageless  Remark = "HubSpot makes deals that have no stage, and no pipeline shows them: map a column or a constant to dealstage"
	RemarkOption     Remark = "the text is the value of one option and the label of another one, and the value counts: say in a value map which option is meant"
	RemarkFurther    Remark = "HubSpot keeps the value as a further one of the record, so that its first one stays"
	RemarkNoDay      Remark = "days are taken as they stand that programs write where they know none (such as 1900-01-01 and 9999-12-31): if they mean that, list them under source as blanks:"
	RemarkFarDay     Remark = "days are taken as they stand that are more than a hundred years away: look whether their years are those of another calendar, or mistyped"
	RemarkShared     Remark = "domains are taken as they stand that many companies share, of a mailbox or of a page in a network: HubSpot knows a company by its domain, so that different ones would be one"
	RemarkScripts    Remark = "addresses are taken as they stand that mix letters or digits of different scripts, which look alike: look at them"
	RemarkCoarse     Remark = "values of HubSpot's have more to them than the column holds (seconds, invisible characters, a sixteenth digit), which is not written: give the field another form on its way back where it matters"
	RemarkPhoneForm  Remark = "phone numbers are taken as they stand that look like an amount, a link, or no number at all: look at them, or add the transform phone"
)

// remark tells the environment, where it listens, of a kind of thing.
func (e *Env) remark(r Remark) {
	if e.Remark != nil {
		e.Remark(r)
	}
}
