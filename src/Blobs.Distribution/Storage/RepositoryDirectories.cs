using System.Runtime.Versioning;
using Blobs.Files.Internal;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>The directories of a registry's repositories, cached until they change.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RepositoryDirectories(string folder, TimeProvider clock)
{
    // A deeper name would be longer than 255 characters.
    private const int DepthMax = RepositoryName.LengthMax / 2;

    private readonly KnownFiles<IReadOnlyList<string>> _lists = new(clock);

    /// <summary>Returns the names directly below a directory, in bytewise order; none when it does not exist.</summary>
    public IReadOnlyList<string> Names(string key)
    {
        string path = string.Concat(folder, "/", key);
        if (!FileStamp.TryGet(path, out FileStamp stamp, out bool isDirectory) || !isDirectory)
        {
            return [];
        }

        if (!_lists.TryGet(path, stamp, out IReadOnlyList<string>? names))
        {
            names = SharedDirectory.Names(path);
            if (names.Count <= KnownFiles.NamesMax)
            {
                _lists.Remember(path, stamp, names, names.Count);
            }
        }

        return names;
    }

    /// <summary>Returns the names of all repositories with a given directory, such as <c>_manifests</c>, in bytewise
    /// order.</summary>
    public List<string> RepositoriesWith(string wanted, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var folders = new Stack<(string Name, int Depth)>();
        folders.Push(("", 0));
        while (folders.TryPop(out (string Name, int Depth) parent))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (string child in Names(parent.Depth == 0 ? RegistryPaths.Repositories : RegistryPaths.Repository(parent.Name)))
            {
                if (child == wanted && parent.Depth > 0)
                {
                    found.Add(parent.Name);
                }

                if (RepositoryName.IsValid(child) && parent.Depth < DepthMax)
                {
                    folders.Push((parent.Depth == 0 ? child : $"{parent.Name}/{child}", parent.Depth + 1));
                }
            }
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }
}
