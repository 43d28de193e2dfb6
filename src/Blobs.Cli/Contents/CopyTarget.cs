namespace Blobs.Cli.Contents;

/// <summary>Where <c>cp</c> puts what it copies, by the rules of <c>docker cp</c>.</summary>
/// <param name="Directory">The existing directory that takes it.</param>
/// <param name="Name">What it is called there; empty when only the content of a directory is copied.</param>
/// <param name="OnlyDirectory">Whether a file is refused, because the target ends in a slash.</param>
internal sealed record CopyTarget(string Directory, string Name, bool OnlyDirectory)
{
    /// <param name="source">The path in the image.</param>
    /// <param name="target">What the user typed.</param>
    /// <exception cref="WorkFailedException">The target's directory does not exist.</exception>
    public static CopyTarget For(string source, string target)
    {
        string trimmed = source.TrimEnd('/');
        bool isContent = trimmed.Length == 0 || trimmed.EndsWith("/.", StringComparison.Ordinal);
        if (System.IO.Directory.Exists(target))
        {
            string name = isContent ? "" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
            return name == ".."
                ? throw new WorkFailedException($"'{source}': ends in '..'; name the directory itself")
                : new CopyTarget(target, name, false);
        }

        string full = Path.GetFullPath(target.TrimEnd('/'));
        string parent = Path.GetDirectoryName(full)!;
        return System.IO.Directory.Exists(parent)
            ? new CopyTarget(parent, Path.GetFileName(full), target.EndsWith('/'))
            : throw new WorkFailedException($"{parent}: there is no such directory");
    }
}
