using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Blobs.Distribution.Storage;

namespace Blobs.Registry.Tests.Testing;

/// <summary>A storage that can go away, stays away as long as a test wants, and comes back.</summary>
internal sealed class SwitchedStorage : IRegistryStorage
{
    private readonly MemoryStorage _inner = new();

    public SwitchedStorage()
    {
        Blobs = Switch<IRegistryBlobs>.Of(_inner.Blobs, this);
        Uploads = Switch<IRegistryUploads>.Of(_inner.Uploads, this);
        References = Switch<IRegistryReferences>.Of(_inner.References, this);
    }

    public IRegistryBlobs Blobs { get; }

    public IRegistryUploads Uploads { get; }

    public IRegistryReferences References { get; }

    public SharedUse Sharing { get; init; } = SharedUse.Usual;

    public bool IsAway { get; set; }

    public ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default) => ProbeAsync(cancellationToken);

    public ValueTask ProbeAsync(CancellationToken cancellationToken = default)
    {
        Require();
        return default;
    }

    private void Require()
    {
        if (IsAway)
        {
            throw new StorageUnavailableException("memory: does not answer");
        }
    }

    /// <summary>A part of the storage, whose every method fails while it is away.</summary>
    [SuppressMessage("Performance", "CA1852", Justification = "The proxy is derived from it.")]
    public class Switch<T> : DispatchProxy
        where T : class
    {
        private T _inner = null!;
        private SwitchedStorage _storage = null!;

        internal static T Of(T inner, SwitchedStorage storage)
        {
            T proxy = Create<T, Switch<T>>();
            var own = (Switch<T>)(object)proxy;
            (own._inner, own._storage) = (inner, storage);
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            _storage.Require();
            return targetMethod!.Invoke(_inner, args);
        }
    }
}
