using Blobs.Distribution.Storage;

namespace Blobs.Registry.Tests.Testing;

/// <summary>Records in memory, exchanged by their version.</summary>
internal sealed class MemoryRecords : IRegistryRecords
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, StoredRecord> _records = new(StringComparer.Ordinal);
    private int _writes;

    public ValueTask<StoredRecord?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_records.GetValueOrDefault(name));
        }
    }

    public ValueTask<string?> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_records.ContainsKey(name) ? null : Put(name, content));
        }
    }

    public ValueTask<string?> TryReplaceAsync(
        string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_records.GetValueOrDefault(name)?.Version == version ? Put(name, content) : null);
        }
    }

    public ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_records.Remove(name));
        }
    }

    public ValueTask<RegistryListing<string>> ListAsync(
        string folder, RegistryPage page, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            string[] names = [.. _records.Keys.Where(name => name.StartsWith($"{folder}/", StringComparison.Ordinal))];
            return new(page.Of(names, name => name));
        }
    }

    private string Put(string name, ReadOnlyMemory<byte> content)
    {
        string version = $"{++_writes}";
        _records[name] = new StoredRecord(content.ToArray(), version);
        return version;
    }
}
