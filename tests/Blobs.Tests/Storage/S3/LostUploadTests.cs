using Blobs.Distribution.Collection;
using Blobs.Hashing;
using Blobs.Storage.S3;
using Blobs.Testing;
using Blobs.Tests.Distribution.Collection;

namespace Blobs.Tests.Storage.S3;

/// <summary>Parts of blobs whose host died before it completed them.</summary>
public sealed class LostUploadTests : IAsyncLifetime
{
    private static readonly Digest Blob = Digest.OfSha256("x"u8);
    private static readonly string Key = $"docker/registry/v2/blobs/sha256/{Blob.Hex[..2]}/{Blob.Hex}/data";

    private readonly FakeS3 _store = new();
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    public async ValueTask InitializeAsync()
    {
        await _store.StartAsync();
        _store.Uploads["old"] = (Key, _now.AddHours(-49));
        _store.Uploads["young"] = (Key, _now.AddHours(-47));
        _store.Uploads["undated"] = (Key, null);
        _store.Uploads["of a session"] = ("docker/registry/v2/repositories/a/_uploads/1/data", _now.AddHours(-49));
        _store.Uploads["of others"] = ("elsewhere/data", _now.AddHours(-49));
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task They_are_aborted_once_nobody_can_complete_them()
    {
        using S3Storage storage = S3ProbeTests.Open(_store);
        Assert.Empty(await storage.Uploads.DeleteLostAsync(_now.AddHours(-50), isDryRun: false));
        Assert.Equal([Blob], await storage.Uploads.DeleteLostAsync(_now, isDryRun: true));
        Assert.Equal(5, _store.Uploads.Count);
        Assert.Equal([Blob], await storage.Uploads.DeleteLostAsync(_now, isDryRun: false));
        Assert.Equal(["of a session", "of others", "undated", "young"], _store.Uploads.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Garbage_collection_names_and_counts_them(bool isDryRun)
    {
        using S3Storage storage = S3ProbeTests.Open(_store);
        var options = new CollectionOptions { UploadAge = TimeSpan.FromHours(1), DryRun = isDryRun };
        Assert.Equal([$"Upload {Blob} 0"], (await Collected.RunAsync(storage, options)).All);
        Assert.Equal(isDryRun, _store.Uploads.ContainsKey("old"));
    }
}
