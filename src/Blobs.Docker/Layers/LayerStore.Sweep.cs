using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <content>What programs that died left behind, ours and the engine's, is tidied by the next that writes.</content>
public sealed partial class LayerStore
{
    /// <summary>
    /// Tidies the root: layers whose removal or creation was interrupted, those of build steps that were, directories of the driver that
    /// nothing names, links that lead nowhere. Everything that changes the root does so by itself before it begins; this is for who wants
    /// to know.
    /// </summary>
    /// <param name="isTrial">Only tells what would go.</param>
    /// <param name="cancellationToken">Ends the waiting for others.</param>
    /// <returns>Paths of what was, or would be, removed.</returns>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<IReadOnlyList<string>> SweepAsync(bool isTrial = false, CancellationToken cancellationToken = default)
    {
        // While others in this process write, what they are making must not be taken for leftovers: who came first has tidied.
        using RootLock taken = await RootLock.WriteAsync(Root, Options.LockWait, cancellationToken).ConfigureAwait(false);
        return isTrial && !taken.Users.IsSwept(DriverName)
            ? Sweep(isTrial: true)
            : taken.Users.SweepOnce(DriverName, () => Sweep(isTrial: false));
    }

    private List<string> Sweep(bool isTrial)
    {
        var swept = new List<string>();
        string[] layers = [.. DriverDirectories.NamesIn(Paths.Layers)];
        ILookup<bool, string> transactions = DriverDirectories.NamesIn(Paths.Temporary)
            .Where(name => name.StartsWith(RootPaths.TemporaryPrefix, StringComparison.Ordinal))
            .Select(Paths.TemporaryOf)
            .ToLookup(LayerTransaction.IsAlive);
        string[] removing = [.. layers.Where(name => name.EndsWith(RootPaths.RemovingSuffix, StringComparison.Ordinal))];
        var guard = new BuildCacheGuard(Root);
        removing = [.. removing.Where(name => !IsKept(name, guard))];

        foreach (string step in DriverDirectories.NamesIn(Paths.Mounts)
            .Where(name => name.EndsWith(RootPaths.StepSuffix, StringComparison.Ordinal) && TryGetReadWrite(name) is not null).ToArray())
        {
            Drop(swept, Paths.Mount(step), isTrial, _ => DiscardReadWrite(step));
        }

        // Their directories in the driver are orphans like any other: whatever nothing else names.
        foreach (string id in Orphans(layers.Except(removing).Select(Paths.LayerOf).Concat(transactions[true]), guard))
        {
            Drop(swept, Driver.PathOf(id), isTrial, _ => Driver.Remove(id));
        }

        foreach (string path in removing.Select(Paths.LayerOf).Concat(transactions[false]))
        {
            Drop(swept, path, isTrial, TreeRemover.Remove);
        }

        foreach (string link in Driver.LooseEnds().ToArray())
        {
            Drop(swept, link, isTrial, File.Delete);
        }

        Tell(guard.Problem);
        return swept;
    }

    private bool IsKept(string removing, BuildCacheGuard guard)
    {
        ChainId? layer = ChainId.TryParse(DigestText.Sha256Prefix + removing.Split('-')[0], null, out ChainId id) ? id : null;
        string? directory = SmallFile.TryReadText(RootPaths.CacheIdFile(Paths.LayerOf(removing)))?.Trim();
        return guard.Keeps(layer, directory ?? "");
    }

    // Directories with names as stores give them, which no layer, none that is being unpacked, no read-write layer and no cache names, and
    // on which nothing else stands. Where a name cannot be read, whose directory it is cannot be known either: then all of them stay.
    private IEnumerable<string> Orphans(IEnumerable<string> layers, BuildCacheGuard guard)
    {
        var named = new HashSet<string?>(layers.Select(layer => SmallFile.TryReadText(RootPaths.CacheIdFile(layer))?.Trim()));
        foreach (string mount in DriverDirectories.NamesIn(Paths.Mounts).Select(Paths.Mount))
        {
            string? mountId = SmallFile.TryReadText(RootPaths.MountIdFile(mount))?.Trim();
            named.Add(mountId);
            named.Add($"{mountId}{RootPaths.InitSuffix}");
            named.Add(SmallFile.TryReadText(RootPaths.InitIdFile(mount))?.Trim() ?? mountId);
        }

        string[] all = [.. Driver.Ids()];
        string[] orphans = [.. all.Where(id => DriverDirectories.IsOfStore(id) && !named.Contains(id))];
        if (orphans.Length == 0 || named.Contains(null) || named.Contains(""))
        {
            return [];
        }

        orphans = [.. orphans.Except(guard.KeptOf(orphans))];
        HashSet<string> needed = [.. all.Except(orphans).SelectMany(Driver.LowersOf)];
        return orphans.Where(id => !needed.Contains(id));
    }

    private static void Drop(List<string> swept, string path, bool isTrial, Action<string> remove)
    {
        if (!isTrial)
        {
            remove(path);
        }

        swept.Add(path);
    }
}
