using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Registry.Tests.Testing;

/// <summary>References of repositories in memory.</summary>
internal sealed class MemoryReferences : IRegistryReferences
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RegistryReference, StoredReference> _references = [];
    private int _writes;

    /// <summary>A reference that is listed, but cannot be read.</summary>
    public RegistryReference? Unreadable { get; set; }

    /// <summary>Leaves a reference as a writer leaves it that was cut off.</summary>
    public void Break(RegistryReference reference)
    {
        lock (_lock)
        {
            Put(reference, null);
        }
    }

    public ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        if (reference == Unreadable)
        {
            throw new StorageUnavailableException("no answer");
        }

        lock (_lock)
        {
            return new(_references.GetValueOrDefault(reference));
        }
    }

    public ValueTask<bool> TryCreateAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(!_references.ContainsKey(reference) && Put(reference, target));
        }
    }

    public ValueTask<bool> TryReplaceAsync(
        RegistryReference reference, Digest target, string version, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_references.GetValueOrDefault(reference)?.Version == version && Put(reference, target));
        }
    }

    public ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            Put(reference, target);
            return default;
        }
    }

    public ValueTask<bool> DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            foreach (RegistryReference history in _references.Keys.Where(known => reference.Kind == ReferenceKind.Tag
                && known.Kind == ReferenceKind.TagHistory && known.Repository == reference.Repository && known.Tag == reference.Tag))
            {
                _references.Remove(history);
            }

            return new(_references.Remove(reference));
        }
    }

    public ValueTask<RegistryListing<ListedReference>> ListAsync(
        string repository, ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            ListedReference[] all = [.. _references
                .Where(known => known.Key.Kind == kind && known.Key.Repository == repository)
                .OrderBy(known => known.Key.Name, StringComparer.Ordinal)
                .Select(known => new ListedReference(known.Key, known.Value.ChangedAt))];
            return new(page.Of(all, item => item.Reference.Name));
        }
    }

    public ValueTask<RegistryListing<string>> ListRepositoriesAsync(
        ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            string[] all = [.. _references.Keys
                .Where(known => (known.Kind == ReferenceKind.Blob) == (kind == ReferenceKind.Blob) && known.Kind != ReferenceKind.Referrer)
                .Select(known => known.Repository).Distinct().Order(StringComparer.Ordinal)];
            return new(page.Of(all, name => name));
        }
    }

    public ValueTask<bool> HasRepositoryAsync(string repository, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_references.Keys.Any(known => known.Repository == repository
                && known.Kind is not (ReferenceKind.Blob or ReferenceKind.Referrer)));
        }
    }

    private bool Put(RegistryReference reference, Digest? target)
    {
        _references[reference] = new StoredReference(target, $"{++_writes}", DateTimeOffset.UtcNow);
        return true;
    }
}
