namespace Blobs.Images;

/// <summary>Directories that a Linux base image has already (Filesystem Hierarchy Standard 3.0). A layer must not describe
/// them again: where an image has <c>/bin</c> as a link to <c>usr/bin</c>, the directory would replace the link, and
/// <c>/tmp</c> would lose its mode.</summary>
internal static class StandardDirectories
{
    private const long Usual = 0b111_101_101;
    private const long OwnerOnly = 0b111_000_000;
    private const long Shared = 0b1_111_111_111;

    private static readonly HashSet<string> Paths =
    [
        "",
        .. "bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var".Split(' '),
        .. Below("usr", "bin games include lib lib32 lib64 libexec libx32 local sbin share src"),
        .. Below("usr/local", "bin etc games include lib lib64 libexec man sbin share src"),
        .. Below("var", "cache lib local lock log mail opt run spool tmp"),
    ];

    /// <summary>Whether it is one of them.</summary>
    /// <param name="path">A path without slashes around it; empty for the root.</param>
    public static bool Has(string path) => Paths.Contains(path);

    /// <summary>The permissions that a new directory of this path gets.</summary>
    public static long ModeOf(string path) => path switch
    {
        "root" => OwnerOnly,
        "tmp" or "var/tmp" => Shared,
        _ => Usual,
    };

    private static IEnumerable<string> Below(string parent, string names) => names.Split(' ').Select(name => $"{parent}/{name}");
}
