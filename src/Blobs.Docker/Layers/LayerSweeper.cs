using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Removes what dead processes of this library or dockerd left in the data root. Every operation that changes
/// layers starts with <see cref="BeginWriteAsync"/>, which sweeps first.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerSweeper(RootContext context, ReadWriteDatabase mounts)
{
    private readonly RootPaths _paths = context.Paths;

    /// <summary>Locks the data root for writing. Sweeps it unless this process has already done so since it first
    /// locked it.</summary>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public async Task<RootLock> BeginWriteAsync(CancellationToken cancellationToken)
    {
        RootLock rootLock = await context.WriteAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            rootLock.Users.SweepOnce(context.DriverName, () => Sweep(isTrial: false));
            return rootLock;
        }
        catch
        {
            rootLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="LayerStore.SweepAsync"/>
    public async Task<IReadOnlyList<string>> SweepAsync(bool isTrial, CancellationToken cancellationToken)
    {
        // Other threads of this process may be writing, and their files must not be treated as leftovers. In that case
        // the data root has already been swept.
        using RootLock rootLock = await context.WriteAsync(cancellationToken).ConfigureAwait(false);
        return isTrial && !rootLock.Users.IsSwept(context.DriverName)
            ? Sweep(isTrial: true)
            : rootLock.Users.SweepOnce(context.DriverName, () => Sweep(isTrial: false));
    }

    private List<string> Sweep(bool isTrial)
    {
        var swept = new List<string>();
        string[] layers = [.. DriverDirectories.NamesIn(_paths.Layers)];
        ILookup<bool, string> transactions = DriverDirectories.NamesIn(_paths.Temporary)
            .Where(name => name.StartsWith(RootPaths.TemporaryPrefix, StringComparison.Ordinal))
            .Select(_paths.TemporaryOf)
            .ToLookup(LayerTransaction.IsAlive);
        string[] removing = [.. layers.Where(name => name.EndsWith(RootPaths.RemovingSuffix, StringComparison.Ordinal))];
        var guard = new BuildCacheGuard(context.Root);
        removing = [.. removing.Where(name => !IsKept(name, guard))];

        foreach (string step in DriverDirectories.NamesIn(_paths.Mounts)
            .Where(name => name.EndsWith(RootPaths.StepSuffix, StringComparison.Ordinal) && mounts.TryGet(name) is not null).ToArray())
        {
            Drop(swept, _paths.Mount(step), isTrial, _ => mounts.Discard(step));
        }

        // The directories of dead transactions and removals are orphans too, because nothing else refers to them.
        foreach (string id in Orphans(layers.Except(removing).Select(_paths.LayerOf).Concat(transactions[true]), guard))
        {
            Drop(swept, context.Driver.PathOf(id), isTrial, _ => context.Driver.Remove(id));
        }

        foreach (string path in removing.Select(_paths.LayerOf).Concat(transactions[false]))
        {
            Drop(swept, path, isTrial, TreeRemover.Remove);
        }

        foreach (string link in context.Driver.UnusedLinks().ToArray())
        {
            Drop(swept, link, isTrial, File.Delete);
        }

        context.Report(guard.Problem);
        return swept;
    }

    private bool IsKept(string removing, BuildCacheGuard guard)
    {
        ChainId? layer = ChainId.TryParse(DigestText.Sha256Prefix + removing.Split('-')[0], null, out ChainId id) ? id : null;
        string? directory = SmallFile.TryReadText(RootPaths.CacheIdFile(_paths.LayerOf(removing)))?.Trim();
        return guard.Keeps(layer, directory ?? "");
    }

    // Returns the directories with names in the layer store's form that no layer, live transaction, read-write layer or
    // build cache refers to, and that are not below another directory. If a reference cannot be read, it may be to any
    // directory, so all of them are kept.
    private IEnumerable<string> Orphans(IEnumerable<string> layers, BuildCacheGuard guard)
    {
        var named = new HashSet<string?>(layers.Select(layer => SmallFile.TryReadText(RootPaths.CacheIdFile(layer))?.Trim()));
        foreach (string mount in DriverDirectories.NamesIn(_paths.Mounts).Select(_paths.Mount))
        {
            string? mountId = SmallFile.TryReadText(RootPaths.MountIdFile(mount))?.Trim();
            named.Add(mountId);
            named.Add($"{mountId}{RootPaths.InitSuffix}");
            named.Add(SmallFile.TryReadText(RootPaths.InitIdFile(mount))?.Trim() ?? mountId);
        }

        string[] all = [.. context.Driver.Ids()];
        string[] orphans = [.. all.Where(id => DriverDirectories.IsOfStore(id) && !named.Contains(id))];
        if (orphans.Length == 0 || named.Contains(null) || named.Contains(""))
        {
            return [];
        }

        orphans = [.. orphans.Except(guard.KeptOf(orphans))];
        HashSet<string> needed = [.. all.Except(orphans).SelectMany(context.Driver.LowersOf)];
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
