using Blobs.Containerd.Api;

namespace Blobs.Containerd;

/// <summary>The tree of a snapshot of overlayfs. containerd itself unpacks into it without mounting it.</summary>
/// <param name="Directory">Where the layer's own tree goes.</param>
/// <param name="Lowers">The trees below it, the nearest first.</param>
internal sealed record WritableTree(string Directory, IReadOnlyList<string> Lowers)
{
    /// <summary>Reads it from the mounts of a snapshot; null when they are other ones, or of a user namespace.</summary>
    public static WritableTree? TryRead(IReadOnlyList<Mount> mounts)
    {
        if (mounts is not [var mount] || mount.Options.Any(IsOfUserNamespace))
        {
            return null;
        }

        string? upper = Option(mount, "upperdir=");
        return mount.Type switch
        {
            "bind" when !mount.Options.Contains("ro") => new WritableTree(mount.Source, []),
            "overlay" when upper is not null => new WritableTree(upper, Paths(Option(mount, "lowerdir="))),
            _ => null,
        };
    }

    /// <summary>The trees of a read-only view, the nearest first.</summary>
    public static IReadOnlyList<string> ReadView(IReadOnlyList<Mount> mounts) => mounts switch
    {
        [{ Type: "bind" } bind] => [bind.Source],
        [{ Type: "overlay" } overlay] => Paths(Option(overlay, "lowerdir=")),
        _ => [],
    };

    private static bool IsOfUserNamespace(string option) => option == "userxattr"
        || option.StartsWith("uidmap=", StringComparison.Ordinal)
        || option.StartsWith("gidmap=", StringComparison.Ordinal);

    private static string? Option(Mount mount, string name) =>
        mount.Options.FirstOrDefault(option => option.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    private static string[] Paths(string? list) => list?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
