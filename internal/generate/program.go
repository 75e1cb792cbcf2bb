package generate

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"strings"
)

// program is a file that runs.
type program struct {
	image       quoted
	device      quoted // the image as the Windows firewall names it
	name        quoted // its last part
	commandLine quoted
	description quoted
	product     quoted
	company     quoted
	hashes      quoted // as Sysmon writes them
	md5, sha1   quoted
}

func newProgram(image, arguments, description, product, company string) *program {
	name := image[strings.LastIndexByte(image, '\\')+1:]
	seed := "spoor demo " + image
	m, s, l := md5.Sum([]byte(seed)), sha1.Sum([]byte(seed)), sha256.Sum256([]byte(seed))
	p := &program{
		image: quote(image), name: quote(name),
		device:      quote(strings.ToLower(strings.Replace(image, `C:\`, `\device\harddiskvolume3\`, 1))),
		commandLine: quote(strings.TrimSpace(`"` + image + `" ` + arguments)),
		description: quote(description), product: quote(product), company: quote(company),
		md5: quoted(fmt.Sprintf("%x", m)), sha1: quoted(fmt.Sprintf("%x", s)),
	}
	p.hashes = quoted(fmt.Sprintf("SHA1=%X,MD5=%X,SHA256=%X,IMPHASH=%X", s, m, l, md5.Sum([]byte("imports "+seed))))
	return p
}

// programs is what runs in the organisation.
type programs struct {
	system, lsass, services, svchost, explorer, userinit *program
	browser, mail, chat                                  *program
	office                                               []*program // started and ended through the day
	dns, server, backup, updater                         *program
	cmd, powershell, rundll32, net, whoami, systeminfo   *program
	nltest, archiver, mstsc, lure, service               *program
	libraries                                            []*program
}

func newPrograms() *programs {
	const windows = "Microsoft® Windows® Operating System"
	const microsoft = "Microsoft Corporation"
	system := func(name, arguments, description string) *program {
		return newProgram(`C:\Windows\System32\`+name, arguments, description, windows, microsoft)
	}
	p := &programs{
		system:     newProgram("System", "", "-", "-", "-"),
		lsass:      system("lsass.exe", "", "Local Security Authority Process"),
		services:   system("services.exe", "", "Services and Controller app"),
		svchost:    system("svchost.exe", "-k NetworkService -p -s Dnscache", "Host Process for Windows Services"),
		explorer:   newProgram(`C:\Windows\explorer.exe`, "", "Windows Explorer", windows, microsoft),
		userinit:   system("userinit.exe", "", "Userinit Logon Application"),
		browser:    newProgram(`C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`, "--profile-directory=Default", "Microsoft Edge", "Microsoft Edge", microsoft),
		mail:       newProgram(`C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE`, "", "Microsoft Outlook", "Microsoft Outlook", microsoft),
		chat:       newProgram(`C:\Program Files\Finch Talk\finchtalk.exe`, "--minimized", "Finch Talk", "Finch Talk", "Finch Software"),
		dns:        system("dns.exe", "", "Domain Name System (DNS) Server"),
		server:     newProgram(`C:\Program Files\Alder ERP\alderd.exe`, "--service", "Alder ERP server", "Alder ERP", "Alder Business Systems"),
		backup:     newProgram(`C:\Program Files\Vaulted\vaultagent.exe`, "--run", "Backup agent", "Vaulted", "Vaulted Systems"),
		updater:    system("wuauclt.exe", "/RunHandlerComServer", "Windows Update"),
		cmd:        system("cmd.exe", "", "Windows Command Processor"),
		powershell: newProgram(`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, "", "Windows PowerShell", windows, microsoft),
		rundll32:   system("rundll32.exe", "", "Windows host process (Rundll32)"),
		net:        system("net.exe", "", "Net Command"),
		whoami:     system("whoami.exe", "/all", "whoami - displays logged on user information"),
		systeminfo: system("systeminfo.exe", "", "Displays system information"),
		nltest:     system("nltest.exe", "/domain_trusts", "Microsoft® Logon Server Test Utility"),
		mstsc:      system("mstsc.exe", "", "Remote Desktop Connection"),
		archiver:   newProgram(`C:\ProgramData\svc\7za.exe`, "", "7-Zip Standalone Console", "7-Zip", "Igor Pavlov"),
		lure:       newProgram(`C:\Users\Public\Downloads\Invoice_4471.exe`, "", "Invoice viewer", "Invoice viewer", "-"),
		service:    newProgram(`C:\Windows\BrightSvc.exe`, "", "-", "-", "-"),
	}
	for _, name := range []string{"WINWORD.EXE", "EXCEL.EXE", "POWERPNT.EXE", "ONENOTE.EXE"} {
		p.office = append(p.office, newProgram(`C:\Program Files\Microsoft Office\root\Office16\`+name, "", "Microsoft Office", "Microsoft Office", microsoft))
	}
	for _, name := range []string{"notepad.exe", "calc.exe", "SnippingTool.exe"} {
		p.office = append(p.office, system(name, "", "Windows accessory"))
	}
	p.office = append(p.office, newProgram(`C:\Program Files\Alder ERP\alder.exe`, "", "Alder ERP client", "Alder ERP", "Alder Business Systems"))
	for _, name := range []string{"ntdll.dll", "kernel32.dll", "KernelBase.dll", "user32.dll", "advapi32.dll", "ws2_32.dll", "crypt32.dll", "bcrypt.dll", "shell32.dll", "combase.dll"} {
		p.libraries = append(p.libraries, system(name, "", "Windows library"))
	}
	return p
}

// process is a program that runs on a host.
type process struct {
	*program
	guid        quoted // with braces, as Sysmon writes it
	pid         int64
	commandLine quoted
	user        *account
}

// begin gives a program a process on a host, without a record of it.
func (w *world) begin(h *host, p *program, at moment, as *account) *process {
	h.processes++
	sec := at / second
	return &process{
		program: p, commandLine: p.commandLine, user: as,
		pid: 400 + 4*(h.processes*37%16000),
		// As Sysmon makes them: the machine, the second of the start, a number.
		guid: quoted(fmt.Sprintf("{%08x-%04x-%04x-%04x-%012x}", h.machine, sec&0xffff, sec>>16&0xffff, h.processes&0xffff, h.processes>>16<<8|8)),
	}
}
