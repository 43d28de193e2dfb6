using System.Runtime.Versioning;
using System.Text;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>Lists and reads the files of a data root for its verifiers.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RootFiles(VerifyRun run)
{
    /// <summary>As <see cref="IsLine"/>, but the file may be missing.</summary>
    public bool IsLineIfThere(string path, Func<string, bool> isRight, string problem) =>
        !FilePath.IsFile(path) || IsLine(path, isRight, problem);

    /// <summary>Reads a file of one line, and reports it unless the line is right.</summary>
    public bool IsLine(string path, Func<string, bool> isRight, string problem)
    {
        if (run.ReadLine(path) is not { } line)
        {
            return false;
        }

        bool isWhole = isRight(line);
        if (!isWhole)
        {
            run.Find(path, $"{Printable.Quote(Encoding.ASCII.GetBytes(line))} {problem}");
        }

        return isWhole;
    }

    /// <summary>The directories in a directory; none if it cannot be listed, which is reported.</summary>
    public string[] Folders(string path) => run.TryListDirectories(path) ?? [];

    /// <summary>The complete files in a directory; none if it cannot be listed, which is reported.</summary>
    public IEnumerable<string> Files(string path) => Whole(run.TryListFiles(path) ?? []);

    /// <summary>Leaves out temporary files, and reports them.</summary>
    public IEnumerable<string> Whole(string[] files)
    {
        foreach (string file in files)
        {
            if (TemporaryNames.IsHidden(file))
            {
                run.LeaveUnread(file, "is a temporary file of a dead process");
            }
            else
            {
                yield return file;
            }
        }
    }
}
