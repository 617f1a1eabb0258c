package csvfile

import (
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Encoding is one of the ways to write characters that a definition may name.
type Encoding struct {
	Name  string // in a definition: "windows-1250"
	Label string // for people: "Central European (Windows-1250)"
	enc   encoding.Encoding
	// languages are those that are written in it, by their keys in letters.
	languages []string
}

var (
	western = []string{"de", "fr", "es", "pt", "it", "sv", "da", "is", "nl", "ca"}
	central = []string{"pl", "cs", "sk", "hu", "ro", "hr", "de"}
	// The languages are keys of letters; "" is any, of which nothing is known.
	baltic   = []string{"lt", "lv", "et", "de"}
	turkish  = []string{"tr", "de", "fr"}
	cyrillic = []string{"ru", "uk", "bg", "sr"}
)

// Encodings are those that can be read, in the order in which one stands for
// others that say the same: first what Windows writes, then the standards, then
// older systems. UTF-8 and UTF-16 are told by themselves.
var Encodings = []Encoding{
	{"utf-8", "Unicode (UTF-8)", nil, []string{"de", "fr", "es", "pl", "cs", "ru", "el", "tr", "he", "ar", "th", "ja", "zh", "ko", ""}},
	{"utf-16le", "Unicode (UTF-16 LE)", utf16le, nil},
	{"utf-16be", "Unicode (UTF-16 BE)", utf16be, nil},
	{"windows-1252", "Western European (Windows-1252)", charmap.Windows1252, western},
	{"windows-1250", "Central European (Windows-1250)", charmap.Windows1250, central},
	{"windows-1251", "Cyrillic (Windows-1251)", charmap.Windows1251, cyrillic},
	{"windows-1253", "Greek (Windows-1253)", charmap.Windows1253, []string{"el"}},
	{"windows-1254", "Turkish (Windows-1254)", charmap.Windows1254, turkish},
	{"windows-1255", "Hebrew (Windows-1255)", charmap.Windows1255, []string{"he"}},
	{"windows-1256", "Arabic (Windows-1256)", charmap.Windows1256, []string{"ar", "fr"}},
	{"windows-1257", "Baltic (Windows-1257)", charmap.Windows1257, baltic},
	{"windows-1258", "Vietnamese (Windows-1258)", charmap.Windows1258, []string{"vi"}},
	{"windows-874", "Thai (Windows-874)", charmap.Windows874, []string{"th"}},
	{"iso-8859-1", "Western European (ISO-8859-1)", charmap.ISO8859_1, western},
	{"iso-8859-2", "Central European (ISO-8859-2)", charmap.ISO8859_2, central},
	{"iso-8859-3", "Maltese and Esperanto (ISO-8859-3)", charmap.ISO8859_3, []string{""}},
	{"iso-8859-4", "Baltic (ISO-8859-4)", charmap.ISO8859_4, baltic},
	{"iso-8859-5", "Cyrillic (ISO-8859-5)", charmap.ISO8859_5, cyrillic},
	{"iso-8859-6", "Arabic (ISO-8859-6)", charmap.ISO8859_6, []string{"ar"}},
	{"iso-8859-7", "Greek (ISO-8859-7)", charmap.ISO8859_7, []string{"el"}},
	{"iso-8859-8", "Hebrew (ISO-8859-8)", charmap.ISO8859_8, []string{"he"}},
	{"iso-8859-9", "Turkish (ISO-8859-9)", charmap.ISO8859_9, turkish},
	{"iso-8859-10", "Nordic (ISO-8859-10)", charmap.ISO8859_10, []string{"sv", "da", "is"}},
	{"iso-8859-13", "Baltic (ISO-8859-13)", charmap.ISO8859_13, baltic},
	{"iso-8859-14", "Celtic (ISO-8859-14)", charmap.ISO8859_14, []string{""}},
	{"iso-8859-15", "Western European (ISO-8859-15)", charmap.ISO8859_15, western},
	{"iso-8859-16", "Romanian (ISO-8859-16)", charmap.ISO8859_16, []string{"ro", "hu", "pl", "hr"}},
	{"macintosh", "Western European (Mac Roman)", charmap.Macintosh, western},
	{"x-mac-cyrillic", "Cyrillic (Mac)", charmap.MacintoshCyrillic, cyrillic},
	{"koi8-r", "Russian (KOI8-R)", charmap.KOI8R, []string{"ru"}},
	{"koi8-u", "Ukrainian (KOI8-U)", charmap.KOI8U, []string{"uk", "ru"}},
	{"cp437", "DOS, United States (cp437)", charmap.CodePage437, []string{"de", "fr", "es", "it", "sv"}},
	{"cp850", "DOS, Western European (cp850)", charmap.CodePage850, western},
	{"cp852", "DOS, Central European (cp852)", charmap.CodePage852, central},
	{"cp855", "DOS, Cyrillic (cp855)", charmap.CodePage855, cyrillic},
	{"cp858", "DOS, Western European with euro (cp858)", charmap.CodePage858, western},
	{"cp860", "DOS, Portuguese (cp860)", charmap.CodePage860, []string{"pt"}},
	{"cp862", "DOS, Hebrew (cp862)", charmap.CodePage862, []string{"he"}},
	{"cp863", "DOS, Canadian French (cp863)", charmap.CodePage863, []string{"fr"}},
	{"cp865", "DOS, Nordic (cp865)", charmap.CodePage865, []string{"da", "sv"}},
	{"cp866", "DOS, Russian (cp866)", charmap.CodePage866, []string{"ru", "uk"}},
	{"shift-jis", "Japanese (Shift-JIS)", japanese.ShiftJIS, []string{"ja"}},
	{"euc-jp", "Japanese (EUC-JP)", japanese.EUCJP, []string{"ja"}},
	{"gbk", "Chinese, simplified (GBK)", simplifiedchinese.GBK, []string{"zh"}},
	{"gb18030", "Chinese (GB18030)", simplifiedchinese.GB18030, []string{"zh"}},
	{"big5", "Chinese, traditional (Big5)", traditionalchinese.Big5, []string{"zh"}},
	{"euc-kr", "Korean (EUC-KR)", korean.EUCKR, []string{"ko"}},
}

// encodingNamed finds an encoding by its name in a definition.
func encodingNamed(name string) (Encoding, bool) {
	for _, e := range Encodings {
		if e.Name == name {
			return e, true
		}
	}
	return Encoding{}, false
}

// letters are how often each letter beyond ASCII is one of those in a
// language's names and texts, in percent and roughly: enough to tell that è is
// French and č is Czech. What a list lacks is rare in it.
var letters = func() map[string]map[rune]float64 {
	lists := map[string]string{
		"de": "ä30 ö16 ü36 ß11 é2 è.5 á.3 ó.2 ô.2 ç.3 ë.3 ñ.2",
		"fr": "é55 è13 à9 ê6 ç5 ô3 î2 â3 û1 ë1.5 ï1.5 ù.7 œ.7 ü.3 ö.2 ñ.2",
		"es": "ó29 í24 á21 é12 ñ9 ú6 ü.7 ç.3 ª.2 º.4",
		"pt": "ã19 ç15 á12 é12 í9 ó8 õ5 ê7 â4 ú4 à2 ô3 ü.2 ª.3 º.8",
		"it": "à30 è33 ì9 ò14 ù9 é5",
		"sv": "ä43 å25 ö29 é2 ü.5 á.2 ø.2",
		"da": "ø38 å34 æ24 é2.5 ö.7 ä.6 ü.7 è.2 ò.1 ó.1",
		"is": "á14 é7 í14 ó13 ú9 ý6 ð18 þ7 æ6 ö9",
		"nl": "é38 ë35 ï12 ö5 ü4 è4 ê1.5 ç1 á.6 ó.5",
		"ca": "à17 è12 é16 í13 ï3 ò8 ó16 ú7 ü2 ç5 ñ1",
		"pl": "ł19 ą14 ę14 ó14 ż10 ś11 ć8 ń5 ź1.5 é.2 ü.2 ö.2",
		"cs": "í19 á17 é9 ě11 ř8 š8 ž7 č9 ý7 ů4 ú1.5 ť.5 ď.5 ň.8 ó.6 ö.3 ü.3",
		"sk": "á21 í15 é10 ú8 ý9 š8 č9 ž8 ľ4 ť3 ň2 ô2 ä1 ď1 ó2 ŕ.1 ĺ.1",
		"hu": "á27 é29 ö9 ő8 ó10 í6 ü5 ú4 ű2",
		"ro": "ă26 â11 î11 ș13 ţ13 ş13 ț13 é.3 ö.3",
		"hr": "č29 š27 ž22 ć15 đ6 ö.3 ü.3",
		"lt": "ė24 ų11 š18 ž14 į7 ū8 č7 ą6 ę4",
		"lv": "ā33 ī18 ē15 š8 ņ7 ļ5 ž4 ū6 ķ2 č1.5 ģ1",
		"et": "ä38 õ24 ü22 ö13 š2 ž1",
		"tr": "ı29 ş18 ü17 ö8 ç11 ğ12 İ4 â.4 î.1 û.1",
		"vi": "đ9 ă5 â8 ê8 ô8 ơ6 ư8 à8 á7 ã3 é2 ó3 ò2 í3 ì2 ú2 ù2 ý1",
		"ru": "о11 е8.5 а8.2 и7.4 н6.7 т6.2 с5.5 р4.8 в4.6 л4.3 к3.6 м3.2 д3 п2.8 у2.6 я2 ы1.9 ь1.7 г1.7 з1.6 б1.6 ч1.4 й1.2 х1 ж.9 ш.7 ю.6 ц.5 щ.4 э.3 ф.3 ъ.04 ё.2",
		"uk": "о9.4 а8.1 н6.8 и6.3 і6 в5.5 е5.3 р4.7 т4.7 с4.1 к3.8 л3.6 у3.2 м3.2 д3.1 п2.9 з2.2 я2.5 ь2 б1.8 г1.6 ч1.4 й1.3 х1.2 ж.8 ш.8 ц.8 ю.9 ї.7 є.6 щ.4 ф.3 ґ.02",
		"bg": "а11.5 и9.1 о8.9 е8.1 н7 т7.4 р4.7 с5 в4.5 л3.6 к3.4 д3.5 п2.8 м2.6 з2.2 г1.6 я1.5 ъ1.8 у1.5 б1.4 ч1.3 ц.7 й.7 х.7 ж.8 щ.6 ш.6 ю.1 ф.3 ь.02",
		"sr": "а11.6 о9 и9 е8.7 н5.5 с5 р4.8 т4.3 в3.9 у4 ј4.6 к3.6 д3.6 л3.3 п2.8 м3.4 з1.7 г1.6 б1.5 ц.8 ч1 ш.9 ж.6 ф.2 х.7 њ.6 љ.5 ћ.6 ђ.2 џ.05",
		"el": "α9.5 ο8.5 ι7.5 ε7 τ7.5 ν6.5 σ5 η4.5 ρ4.5 π4 κ4 υ3.5 ς4 μ3.3 λ3 ω1.8 δ1.7 θ1.3 χ1.2 γ1.7 φ.9 β.8 ξ.5 ζ.4 ψ.2 ά2 έ1.8 ί2.7 ό2.2 ή1.5 ώ1 ύ1.3 ϊ.2 ϋ.1 ΐ.05",
	}
	all := map[string]map[rune]float64{}
	for language, list := range lists {
		all[language] = parseLetters(list)
	}
	return all
}()
