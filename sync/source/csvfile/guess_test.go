package csvfile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"syncline/sync/definition"
	"syncline/sync/source"
	"syncline/sync/source/csvfile"
)

var windows1252 = charmap.Windows1252

// codes are the encodings of the tests, found by other means than the product's.
func code(t *testing.T, name string) encoding.Encoding {
	t.Helper()
	pages := map[string]encoding.Encoding{"cp437": charmap.CodePage437, "cp850": charmap.CodePage850, "cp852": charmap.CodePage852, "cp855": charmap.CodePage855, "cp858": charmap.CodePage858,
		"cp860": charmap.CodePage860, "cp862": charmap.CodePage862, "cp863": charmap.CodePage863, "cp865": charmap.CodePage865, "iso-8859-1": charmap.ISO8859_1, "iso-8859-9": charmap.ISO8859_9}
	if e := pages[name]; e != nil {
		return e
	}
	e, err := htmlindex.Get(map[string]string{"cp866": "ibm866"}[name] + map[bool]string{true: "", false: name}[name == "cp866"])
	if err != nil {
		t.Fatal(name, err)
	}
	return e
}

// people are names as they stand in files, in the encodings that write them.
var people = []struct {
	encodings string
	names     string // many
}{
	{"windows-1252 iso-8859-1 iso-8859-15 macintosh cp850 cp437 windows-1254", "Müller Jäger Schröder Grün Weiß Köhler Günther Größe Schäfer Krüger Böhm Lübeck München Düsseldorf Straße Äpfel Österreich Übung Jürgen Käthe"},
	{"windows-1252 iso-8859-1 macintosh cp850 cp863", "Hélène Lefèvre François Rémi Théâtre Évreux Zoé Benoît Jérôme Noël Gaëlle Château Besançon Orléans Angoulême Élodie Frédéric Mélanie Stéphane Cécile"},
	{"windows-1252 iso-8859-1 macintosh cp850", "José Peña Núñez Muñoz García López Martínez Ángel Pérez Sánchez Rodríguez Gómez Fernández Jiménez Hernández Ramón Málaga Córdoba Logroño Íñigo"},
	{"windows-1252 iso-8859-1 macintosh cp850 cp865", "Bjørn Åse Jørgen Søren Ærø Løvås Håkon Tromsø Bodø Ålesund Øystein Tønsberg Drøbak Årdal Kråkerøy Sæther Nærø Håvard Pål Skjørten"},
	{"windows-1252 iso-8859-1 macintosh cp850", "João Conceição São Gonçalves Simões Araújo Luís Antônio Guimarães Brandão Falcão Leitão Magalhães Assunção Mônica Flávio Inês Cândido Estêvão Júlio"},
	{"windows-1250 iso-8859-2 cp852", "Dvořák Kovářová Černý Novotná Růžička Šťastný Procházka Jiří Tomáš Kučera Veselý Horák Němec Pokorný Růžena Přemysl Beneš Fiala Žižka Ústí"},
	{"windows-1250 iso-8859-2 cp852", "Wałęsa Łódź Gdańsk Świątek Kraków Dąbrowski Wiśniewski Wójcik Zieliński Szymański Woźniak Kozłowski Jabłoński Grabowski Pawłowski Michał Rzeszów Żak Ćwik Błaszczyk"},
	{"windows-1250 iso-8859-2 cp852", "Kovács Szűcs Győr Nagykőrös Tóth Szabó Horváth Balázs Gergő Fülöp Erdős Kőszegi Pécs Székely Bíró Lukács Török Füzesi Dömötör Zoltánné"},
	{"windows-1251 iso-8859-5 koi8-r x-mac-cyrillic cp866 cp855", "Иванов Петров Сидорова Смирнов Кузнецов Попов Васильев Соколов Михайлова Новиков Фёдоров Морозов Волков Алексеева Лебедев Семёнов Егорова Павлов Козлов Степанов"},
	{"windows-1251 koi8-u", "Шевченко Коваленко Бондаренко Ткаченко Кравченко Олійник Лисенко Савченко Марченко Руденко Київ Львів Їжакевич Євген Юлія Сергій Андрій Наталія Вікторія Надія"},
	{"windows-1253 iso-8859-7", "Παπαδόπουλος Αθήνα Γεώργιος Νικολάου Κωνσταντίνος Θεσσαλονίκη Μαρία Ιωάννης Δημήτρης Ελένη Βασίλης Χρήστος Παναγιώτης Κατερίνα Σπύρος Πάτρα Ηράκλειο Λάρισα Βόλος Ρόδος"},
	{"windows-1254 iso-8859-9", "Yılmaz Şahin Öztürk Çelik Doğan Kılıç Aydın Güneş Işık Ağaoğlu Gökçe Şimşek Yıldız Çağlar Özgür Tuğba İstanbul Muğla Eskişehir Iğdır"},
	{"windows-1255 iso-8859-8 cp862", "שלום כהן לוי מזרחי פרץ ביטון דהן אברהם פרידמן מלכה אזולאי כץ יוסף דוד עמר אוחיון חדד גבאי אדרי ירושלים"},
	{"windows-1256 iso-8859-6", "محمد علي حسن إبراهيم فاطمة القاهرة يوسف خالد سعيد مصطفى عبدالله نور الدين عائشة مريم سلمان بغداد الرياض دمشق بيروت عمر"},
	{"windows-1257", "Jonas Kazlauskas Žukauskas Petraitė Šimkutė Vaičiulytė Čepaitis Ąžuolas Ūla Kęstutis Jurgėnas Šiauliai Panevėžys Žiežmariai Gedgaudaitė Butkutė Mažeikių Daukšaitė Eglė Rūta"},
	{"windows-874", "สมชาย สมหญิง กรุงเทพ เชียงใหม่ ประเสริฐ วิชัย สุดา นภา ธนา พิมพ์ใจ อรุณ มานะ ปิติ ชูใจ วีระ ดวงใจ จันทร์ ศรี แก้ว ทอง"},
	{"shift-jis euc-jp", "山田太郎 佐藤花子 鈴木一郎 高橋 田中 伊藤 渡辺 中村 小林 加藤 東京都 大阪市 タナカ スズキ さくら ひろし 横浜市 京都府 名古屋 株式会社"},
	{"gbk gb18030", "张伟 王芳 李娜 刘洋 陈静 杨帆 赵磊 黄敏 周杰 吴倩 北京市 上海市 广州 深圳 有限公司 徐丽 孙强 马超 朱琳 胡军"},
	{"big5", "陳怡君 林志明 黃淑芬 張家豪 李雅婷 王建宏 吳佩珊 劉俊傑 蔡宜蓁 楊宗翰 臺北市 高雄市 股份有限公司 許美玲 鄭文彬 謝淑惠 郭明哲 洪秀英 邱俊宏 曾雅雯"},
	{"euc-kr", "김민수 이영희 박지훈 최수진 정민호 강은지 조현우 윤서연 장동건 임지현 서울특별시 부산 대전 주식회사 한지민 오세훈 신동엽 권상우 황정음 안재욱"},
}

// guessed is what is said of a file: what it is read as, and whether that is
// asked.
func guessed(t *testing.T, content []byte) (schema source.Schema, text string) {
	t.Helper()
	s, err := csvfile.Open(t.Context(), csvfile.Options{Path: write(t, content), Key: []string{"Id"}})
	if err != nil {
		t.Fatal(err)
	}
	if schema, err = s.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, row := range texts(t, s) {
		fmt.Fprintf(&b, "%s ", row["Name"])
	}
	return schema, strings.TrimSpace(b.String())
}

// Whatever the encoding: many names are read as they are, or asked about with
// the right reading among the first; and few names are never wrong in silence.
func TestNoEncodingIsWrongInSilence(t *testing.T) {
	t.Parallel()
	for _, p := range people {
		for _, name := range strings.Fields(p.encodings) {
			t.Run(name+" "+strings.Fields(p.names)[0], func(t *testing.T) {
				t.Parallel()
				all := strings.Fields(p.names)
				asked := 0
				for _, some := range append(samples(all), all) {
					if one(t, name, some) {
						asked++
					}
				}
				t.Logf("%d of %d asked", asked, len(samples(all))+1)
			})
		}
	}
}

// one checks a file of some names, and reports whether its encoding is asked.
func one(t *testing.T, name string, names []string) bool {
	t.Helper()
	content := "Id,Name\n"
	for i, n := range names {
		content += fmt.Sprintf("%d,%s\n", i, n)
	}
	schema, text := guessed(t, encode(t, code(t, name), content))
	want := strings.Join(names, " ")
	if len(schema.Open) == 0 {
		if text != want {
			t.Errorf("read as %s in silence: %q, right is %q", schema.Details["encoding"], text, want)
		}
		return false
	}
	if !strings.Contains(schema.Open[0].Msg, "If none is right, save the file as “CSV UTF-8”") {
		t.Errorf("the question knows no way out: %s", schema.Open[0].Msg)
	}
	// The sample of the right answer, or of one that reads the same, is offered.
	right := slices.ContainsFunc(schema.Open[0].Choices, func(c source.Choice) bool {
		return slices.ContainsFunc(names, func(n string) bool { return beyondASCII(n) && strings.Contains(c.Sample, n) })
	})
	if !right {
		t.Errorf("%q in %s is not among what is offered: %+v", want, name, schema.Open[0].Choices)
	}
	return true
}

func beyondASCII(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

// samples are small parts of a list: each name alone, and some.
func samples(all []string) [][]string {
	var out [][]string
	for i, n := range all {
		if beyondASCII(n) {
			out = append(out, []string{n})
		}
		if i%5 == 4 {
			out = append(out, all[i-4:i+1])
		}
	}
	return out
}

func TestAnEncodingThatIsSaidIsTaken(t *testing.T) {
	t.Parallel()
	for _, p := range people {
		for _, name := range strings.Fields(p.encodings) {
			n := strings.Fields(p.names)[0]
			s, err := csvfile.Open(t.Context(), csvfile.Options{Path: write(t, encode(t, code(t, name), "Id,Name\n1,"+n+"\n")), Encoding: name})
			if err != nil {
				t.Fatal(err)
			}
			schema, err := s.Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(t, s)[0]["Name"]; got != n || len(schema.Open) > 0 {
				t.Errorf("%s: %q, want %q; open %v", name, got, n, schema.Open)
			}
		}
	}
}

func TestEveryEncodingOfADefinitionCanBeRead(t *testing.T) {
	t.Parallel()
	var names []string
	for _, e := range csvfile.Encodings {
		names = append(names, e.Name)
		if e.Label == "" {
			t.Errorf("%s has no name for people", e.Name)
		}
	}
	slices.Sort(names)
	known := slices.Sorted(slices.Values(definition.Encodings))
	if !slices.Equal(names, known) {
		t.Errorf("definitions know %v, files %v", known, names)
	}
}

func TestAnEncodingThatTheFileContradictsIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ content, encoding, want string }{
		{"\ufeffId,Name\n1,Zoë\n", "windows-1252", "starts with the mark of UTF-8"},
		{"Id,Name\n1,Zoë\n", "windows-1252", "is UTF-8 now"},
		{"\xff\xfeI\x00d\x00\n\x00", "utf-8", "starts with the mark of UTF-16 LE"},
	} {
		_, err := csvfile.Open(t.Context(), csvfile.Options{Path: write(t, []byte(test.content)), Encoding: test.encoding})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q as %s: %v, want “%s”", test.content, test.encoding, err, test.want)
		}
	}
}

func TestBytesThatAnEncodingLacksRefuseTheirCell(t *testing.T) {
	t.Parallel()
	got := shown(t, csvfile.Options{Path: write(t, []byte("Id,Last\n1,M\xFCller\n2,M\x81ller\n3,Ann\n")), Encoding: "windows-1252"})
	if want := "1|Müller\nline 3 refused [\"Last\"]: holds bytes that are no Windows-1252 text in Last (cell 2)\n3|Ann\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What is written back is in the file's encoding, and every other byte stays.
func TestWritingKeepsTheEncoding(t *testing.T) {
	t.Parallel()
	for _, p := range people {
		for _, name := range strings.Fields(p.encodings) {
			names := strings.Fields(p.names)
			file := func(first string) []byte {
				return encode(t, code(t, name), "Id,Name\r\n1,"+first+"\r\n2,"+names[1]+"\r\n")
			}
			path := write(t, file(names[0]))
			s, err := csvfile.Open(t.Context(), csvfile.Options{Path: path, Key: []string{"Id"}, Encoding: name})
			if err != nil {
				t.Fatal(err)
			}
			commit(t, prepare(t, s, source.Change{Kind: source.Update, Key: "1", Fields: values("Name", names[2])}))
			if got := read(t, path); got != string(file(names[2])) {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

// A file in UTF-8 that somebody has damaged is not taken for one in another
// encoding, in which the whole would be garbled.
func TestDamagedUTF8StaysUTF8(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"Id,Name\n1,Zoë\n2,B\xc3b\n",
		"Id,Name\n1,Zoë Åström\n2,B\xc3b\n3,caf\xc3\n",
		"Id,Name\n1,Ünïcödé\n2,Dé\n3,B\xc3b\n4,caf\xc3\n5,x\xc3\n",
		"Id,Name\n1,Иванов\n2,Б\xd0\n3,x\xff\n",
	} {
		got := shown(t, csvfile.Options{Path: write(t, []byte(content))})
		if !strings.Contains(got, "holds bytes that are no UTF-8 text") && !strings.Contains(got, "open encoding") {
			t.Errorf("%q:\n%s", content, got)
		}
	}
}

// A file that is UTF-8 throughout is read so, however few its characters are;
// where those are odd, it is told. One that is cut off is read too, and its last
// row refused.
func TestFewCharactersOfUTF8AreNotAsked(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"Id,Name\n1,José\n":            "1|José\n",
		"Id,Name\n1,Jose\u0301\n":      "1|Jose\u0301\nnote The file does not say how it writes characters. It is read as UTF-8~",
		"Id,Name\n1,10×20\n":           "1|10×20\nnote The file does not say~",
		"Id,Name\n1,a·b\n":             "1|a·b\nnote The file does not say~",
		"Id,Name\n1,5 µm\n":            "1|5 µm\n",
		"Id,Name\n1,ßZéZ\n":            "1|ßZéZ\nnote The file does not say~",
		"Id,Name\n1,½ kg\n":            "1|½ kg\n",
		"Id,Name\n1,Łódź\n":            "1|Łódź\n",
		"Id,Name\n1,José\n2,Zo\xc3":    "1|José\nline 3 refused [\"Name\"]: holds bytes that are no UTF-8 text~",
		"Id,Name\n1,Zoë\n2,2 \xe2\x82": "1|Zoë\nline 3 refused [\"Name\"]: holds bytes that are no UTF-8 text~",
	} {
		got := shown(t, csvfile.Options{Path: write(t, []byte(content)), Key: []string{"Id"}})
		start, open := strings.CutSuffix(want, "~")
		if got != want && !(open && strings.HasPrefix(got, start)) {
			t.Errorf("%q:\n%s\nwant\n%s", content, got, want)
		}
	}
	s, err := csvfile.Open(t.Context(), csvfile.Options{Path: write(t, []byte("Id,Name\n1,Zo\xc3"))})
	if err != nil {
		t.Fatal(err)
	}
	schema, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(schema.Open) != 1 || !slices.ContainsFunc(schema.Open[0].Choices, func(c source.Choice) bool { return c.Value == "utf-8" }) {
		t.Errorf("UTF-8 is not offered: %+v", schema.Open)
	}
}
