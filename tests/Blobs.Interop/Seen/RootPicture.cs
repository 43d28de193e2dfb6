using System.Text;
using System.Text.RegularExpressions;

namespace Blobs.Interop.Seen;

/// <summary>
/// Draws a data root for the README of Blobs.Docker: one line for each directory and one for its files, digests replaced by what they name.
/// </summary>
internal static partial class RootPicture
{
    private const int Column = 58;

    // Tried in this order: what 64 digits mean in each place. What is inside a tree belongs to the image and is left out.
    private static readonly (Regex Pattern, string By)[] Names =
    [
        (new(@"^(overlay2/[0-9a-f]{64}(-init)?/(diff|work))/.*"), ""),
        (new(@"imagedb/(content|metadata)/sha256/[0-9a-f]{64}"), "imagedb/$1/sha256/IMAGE-ID"),
        (new(@"layerdb/sha256/[0-9a-f]{64}"), "layerdb/sha256/CHAIN-ID"),
        (new(@"diffid-by-digest/sha256/[0-9a-f]{64}"), "diffid-by-digest/sha256/DIGEST"),
        (new(@"v2metadata-by-diffid/sha256/[0-9a-f]{64}"), "v2metadata-by-diffid/sha256/DIFF-ID"),
        (new(@"(layerdb/mounts|containers)/[0-9a-f]{64}"), "$1/CONTAINER"),
        (new(@"overlay2/[0-9a-f]{64}-init"), "overlay2/MOUNT-ID-init"),
        (new(@"overlay2/[0-9a-f]{64}"), "overlay2/CACHE-ID"),
        (new(@"overlay2/l/[A-Z0-9]{26}"), "overlay2/l/LINK"),
        (new(@"blobs/sha256/[0-9a-f]{2}/[0-9a-f]{64}"), "blobs/sha256/ab/DIGEST"),
    ];

    // What each directory is, or, behind a star, what its files are.
    private static readonly Dictionary<string, string> Words = new()
    {
        ["image/overlay2/*"] = "names and digests → image ids",
        ["image/overlay2/imagedb/content/sha256/*"] = "the image's config, byte for byte",
        ["image/overlay2/imagedb/metadata/sha256/IMAGE-ID/*"] = "when it was last tagged; the parent of a built one",
        ["image/overlay2/layerdb/sha256/CHAIN-ID/*"] = "one line each, and the recording (tar-split)",
        ["image/overlay2/layerdb/mounts/CONTAINER/*"] = "a container's layer: its directories, its parent",
        ["image/overlay2/distribution/diffid-by-digest/sha256/*"] = "the DiffID of a blob",
        ["image/overlay2/distribution/v2metadata-by-diffid/sha256/*"] = "repositories that have a layer's blob",
        ["containers/CONTAINER/*"] = "what it runs; mounts, network, limits",
        ["containers/CONTAINER/checkpoints"] = "",
        ["overlay2/CACHE-ID"] = "a layer; a container's is MOUNT-ID",
        ["overlay2/CACHE-ID/*"] = "its LINK, and the LINKs of the layers below",
        ["overlay2/CACHE-ID/diff"] = "the tree, with overlayfs whiteouts",
        ["overlay2/CACHE-ID/work"] = "overlayfs works here while it is mounted",
        ["overlay2/MOUNT-ID-init"] = "the same, with what the engine adds (etc/hosts, …)",
        ["overlay2/l/*"] = "→ ../CACHE-ID/diff, short for mount options",
        ["docker/registry/v2/blobs/sha256/ab/DIGEST/*"] = "with --keep-blob: the layer as it came",
    };

    /// <summary>The picture of a root whose storage driver is overlay2.</summary>
    public static string Draw(string root)
    {
        var folder = new Folder();
        foreach (string path in Paths(root))
        {
            folder.Add(path.Split('/'));
        }

        var picture = new StringBuilder("ROOT/\n");
        folder.Draw(picture, "", 1);
        return picture.ToString();
    }

    private static SortedSet<string> Paths(string root)
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        foreach ((string path, bool isFolder) in Walk(root))
        {
            string shown = Path.GetRelativePath(root, path);
            foreach ((Regex pattern, string by) in Names)
            {
                shown = pattern.Replace(shown, by);
            }

            paths.Add(isFolder && shown.Length > 0 ? $"{shown}/" : shown);
        }

        paths.Remove("");

        // Files of the init layer are those of any layer.
        paths.RemoveWhere(path => InitContent().IsMatch(path));
        return paths;
    }

    private static IEnumerable<(string Path, bool IsFolder)> Walk(string folder)
    {
        foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            // A link to a directory is a name, and not another way down.
            bool isFolder = entry is DirectoryInfo && entry.LinkTarget is null;
            yield return (entry.FullName, isFolder);
            foreach ((string, bool) below in isFolder ? Walk(entry.FullName) : [])
            {
                yield return below;
            }
        }
    }

    [GeneratedRegex("^overlay2/MOUNT-ID-init/.")]
    private static partial Regex InitContent();

    private sealed class Folder
    {
        private readonly SortedDictionary<string, Folder> _folders = new(StringComparer.Ordinal);
        private readonly List<string> _files = [];

        public void Add(ReadOnlySpan<string> path)
        {
            if (path.Length == 1)
            {
                if (path[0].Length > 0)
                {
                    _files.Add(path[0]);
                }

                return;
            }

            if (!_folders.TryGetValue(path[0], out Folder? folder))
            {
                _folders.Add(path[0], folder = new Folder());
            }

            folder.Add(path[1..]);
        }

        public void Draw(StringBuilder picture, string path, int depth)
        {
            if (_files.Count > 0)
            {
                Line(picture, depth, string.Join("  ", _files), WordsOf($"{path}*"));
            }

            foreach ((string name, Folder folder) in _folders)
            {
                // A folder that only holds another one shares its line.
                string shown = name;
                Folder inner = folder;
                while (inner._files.Count == 0 && inner._folders.Count == 1 && !Words.ContainsKey(path + shown))
                {
                    (string next, inner) = inner._folders.First();
                    shown += $"/{next}";
                }

                if (inner._files.Count == 0 && inner._folders.Count == 0 && !Words.ContainsKey(path + shown))
                {
                    continue;
                }

                Line(picture, depth, $"{shown}/", Words.GetValueOrDefault(path + shown, ""));
                inner.Draw(picture, $"{path}{shown}/", depth + 1);
            }
        }

        private static string WordsOf(string key) =>
            Words.TryGetValue(key, out string? words) ? words : throw new InvalidOperationException($"{key} has no description");

        private static void Line(StringBuilder picture, int depth, string name, string words) =>
            picture.Append($"{new string(' ', 2 * depth)}{name}".PadRight(words.Length > 0 ? Column : 0)).Append(words).Append('\n');
    }
}
