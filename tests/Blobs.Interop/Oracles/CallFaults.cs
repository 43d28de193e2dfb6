using System.Globalization;

namespace Blobs.Interop.Oracles;

/// <summary>A call that the kernel refuses: which, how, and the how manieth of every thread; or that one and all that follow.</summary>
internal sealed record CallFault(string Call, string Error, int When, bool AndAllAfter = false)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Call}:error={Error}:when={When}{(AndAllAfter ? "+" : "")}");
}

/// <summary>One run under strace. A program's own calls are those that name something in the test's folder, the rest are the runtime's.</summary>
/// <param name="Result">What the program left behind.</param>
/// <param name="Refused">Calls that were refused, with the paths behind their handles.</param>
internal sealed record FaultyRun(CommandResult Result, IReadOnlyList<string> Refused)
{
    // Every call by which a verb changes a root or reads something, and what a disk, a limit or a quota says to it.
    private static readonly (string Call, string[] Errors)[] Calls =
    [
        ("openat", ["EMFILE", "EIO"]), ("openat2", ["EMFILE"]),
        ("read", ["EIO"]), ("pread64", ["EIO"]), ("getdents64", ["EIO"]), ("readlink", ["EIO"]), ("readlinkat", ["EIO"]),
        ("llistxattr", ["EIO"]), ("lgetxattr", ["EIO"]), ("statx", ["EIO"]), ("newfstatat", ["EIO"]),
        ("write", ["ENOSPC", "EIO"]), ("pwrite64", ["ENOSPC", "EIO"]), ("ftruncate", ["EIO"]), ("copy_file_range", ["EIO"]),
        ("mkdir", ["ENOSPC", "EDQUOT"]), ("mkdirat", ["ENOSPC", "EIO"]), ("mknodat", ["ENOSPC"]),
        ("link", ["EIO"]), ("linkat", ["ENOSPC"]), ("symlink", ["ENOSPC"]), ("symlinkat", ["ENOSPC"]),
        ("rename", ["EIO"]), ("renameat2", ["EIO", "ENOSPC"]),
        ("utimensat", ["EIO"]), ("lsetxattr", ["ENOSPC", "EIO"]), ("setxattr", ["ENOSPC", "EIO"]), ("fchownat", ["EDQUOT"]),
        ("chmod", ["EIO"]), ("fchmod", ["EIO"]), ("fchmodat", ["EIO"]),
        ("fsync", ["EIO"]), ("fdatasync", ["EIO"]), ("syncfs", ["EIO"]),
        ("unlink", ["EIO"]), ("unlinkat", ["EIO"]), ("rmdir", ["EIO"]),
    ];

    private static readonly string[] Writing =
    [
        "write(", "pwrite64(", "ftruncate(", "mkdir", "mknodat(", "link(", "linkat(", "symlink", "rename", "utimensat(", "lsetxattr(", "setxattr(",
        "fchown", "fsync(", "fdatasync(", "syncfs(",
    ];

    /// <summary>Every fault that can meet a command, in the order of calls: a command makes a call so often, and each may be the one.</summary>
    public static async Task<IReadOnlyList<CallFault>> AllAsync(string folder, params string[] command)
    {
        string calls = string.Join(',', Calls.Select(call => call.Call));
        string[] log = await TraceAsync(folder, $"trace={calls}", command, result => result.Expect(0));
        IEnumerable<(string Call, int Count)> counts = log
            .Select(line => line.Split([' ', '('], 3, StringSplitOptions.RemoveEmptyEntries))
            .GroupBy(words => (Thread: words[0], Call: words[1]))
            .Select(group => (group.Key.Call, group.Count()));
        return
        [
            .. from call in Calls
               let most = counts.Where(count => count.Call == call.Call).Select(count => count.Count).DefaultIfEmpty(0).Max()
               from when in Enumerable.Range(1, most)
               from error in call.Errors
               select new CallFault(call.Call, error, when),
        ];
    }

    /// <summary>Runs a command that meets a fault.</summary>
    public static async Task<FaultyRun> RunAsync(string folder, CallFault fault, params string[] command)
    {
        CommandResult? result = null;
        string[] log = await TraceAsync(folder, $"trace={fault.Call}", command, ended => result = ended, "-e", $"inject={fault}");
        return new FaultyRun(result!, [.. Refusals(log)]);
    }

    /// <summary>Whether everything that was refused is the program's business. The runtime's own files are not, nor is standard error.</summary>
    public bool IsOurs(string folder) => Refused.Count > 0 && Refused.All(line => line.Contains(folder, StringComparison.Ordinal));

    /// <summary>Whether something was refused without which there is no success: what was to be written, or made durable.</summary>
    public bool IsFatal(string root) => Refused.Any(line =>
        line.Contains(root, StringComparison.Ordinal) && Writing.Any(call => line.Contains($" {call}", StringComparison.Ordinal)));

    private static async Task<string[]> TraceAsync(
        string folder, string trace, string[] command, Action<CommandResult> check, params string[] more)
    {
        string log = Path.Combine(folder, "strace.log");
        check(await new Command(
            Oracle.Need("strace"), ["-f", "-qq", "-y", "-s", "0", "-e", trace, "-e", "signal=none", .. more, "-o", log, .. command]).RunAsync());
        return [.. (await File.ReadAllLinesAsync(log)).Where(line => !line.Contains("<... ", StringComparison.Ordinal) || line.EndsWith("(INJECTED)", StringComparison.Ordinal))];
    }

    // A call that another thread's interrupts is written in two lines, and only the first has its arguments.
    private static IEnumerable<string> Refusals(string[] log)
    {
        var begun = new Dictionary<string, string>();
        foreach (string line in log)
        {
            string thread = line.Split(' ')[0];
            if (line.EndsWith("(INJECTED)", StringComparison.Ordinal))
            {
                yield return line.Contains("<... ", StringComparison.Ordinal) ? begun[thread] : line;
            }
            else if (line.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                begun[thread] = line;
            }
        }
    }
}
