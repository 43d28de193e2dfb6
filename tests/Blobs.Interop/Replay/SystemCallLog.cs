using System.Text.RegularExpressions;

namespace Blobs.Interop.Replay;

/// <summary>What <c>strace -f -xx -y -o</c> writes, as calls in the order in which they came back.</summary>
internal static partial class SystemCallLog
{
    /// <summary>Every call that changes what is on a disk or says that it has to be there, where the architecture has it.</summary>
    public const string Traced = "trace=?open,openat,?openat2,?creat,write,pwrite64,writev,pwritev,lseek,ftruncate,truncate,fallocate,?mkdir,mkdirat," +
        "?symlink,symlinkat,?link,linkat,?rename,?renameat,renameat2,?unlink,?rmdir,unlinkat,?chmod,fchmod,fchmodat,?chown,?lchown,fchown,fchownat," +
        "utimensat,?utimes,?futimesat,setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,fremovexattr,?mknod,mknodat,fsync,fdatasync,syncfs,sync," +
        "copy_file_range,sendfile,splice,sync_file_range";

    public static IEnumerable<SystemCall> Read(string path)
    {
        var begun = new Dictionary<string, (string Text, int Line)>();
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            string thread = line[..line.IndexOf(' ', StringComparison.Ordinal)];
            string text = line[thread.Length..].TrimStart();
            int started = ++number;
            if (text.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                begun[thread] = (text[..^Unfinished.Length], started);
                continue;
            }

            if (Resumed().Match(text) is { Success: true } rest)
            {
                (string before, started) = begun[thread];
                text = before + text[rest.Length..];
            }

            // A question mark is what the program did not wait for when it ended: never a call that it counts on.
            if (Whole().Match(Comment().Replace(text, "")) is { Success: true } call && call.Groups["result"].Value[0] is not ('-' or '?'))
            {
                yield return new SystemCall(
                    call.Groups["name"].Value, [.. Split(call.Groups["arguments"].Value)], call.Groups["result"].Value, started, number);
            }
        }
    }

    private const string Unfinished = "<unfinished ...>";

    // At the commas that are in no brackets; strings are hexadecimal, and have neither.
    private static IEnumerable<string> Split(string arguments)
    {
        int depth = 0;
        int from = 0;
        for (int at = 0; at < arguments.Length; at++)
        {
            depth += arguments[at] is '[' or '{' or '(' ? 1 : arguments[at] is ']' or '}' or ')' ? -1 : 0;
            if (arguments[at] == ',' && depth == 0)
            {
                yield return arguments[from..at].Trim();
                from = at + 1;
            }
        }

        yield return arguments[from..].Trim();
    }

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(?<name>\w+)\((?<arguments>.*)\)\s+= (?<result>.*)$")]
    private static partial Regex Whole();

    [GeneratedRegex(@" /\* .*? \*/")]
    private static partial Regex Comment();
}
