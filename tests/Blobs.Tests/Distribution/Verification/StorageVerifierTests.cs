using System.Text;
using Blobs.Distribution.Storage;
using Blobs.Distribution.Verification;
using Blobs.Hashing;
using Blobs.Registry.Tests.Testing;
using Blobs.Verification;

namespace Blobs.Tests.Distribution.Verification;

public sealed class StorageVerifierTests
{
    private const string Index = """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""";

    private readonly MemoryStorage _storage = new();

    [Fact]
    public async Task A_storage_that_nobody_touched_is_right()
    {
        await PushAsync();
        Assert.Empty(await FindingsAsync());
    }

    [Fact]
    public async Task Content_that_is_not_what_its_digest_says_is_found()
    {
        Digest digest = await PushAsync();
        await _storage.Blobs.WriteAsync(digest, Encoding.UTF8.GetBytes(Index.Replace('2', '3')));
        Assert.Contains(await FindingsAsync(), finding => finding.Contains("hashes to sha256:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Content_that_ends_before_its_length_is_found()
    {
        await PushAsync();
        ((MemoryBlobs)_storage.Blobs).EndsEarly = true;
        Assert.Contains(await FindingsAsync(), finding => finding.Contains("hashes to sha256:", StringComparison.Ordinal));
    }

    // What depends on it may be right: to say that it is wrong would be a guess.
    [Fact]
    public async Task A_link_that_cannot_be_read_is_a_failure_and_nothing_else()
    {
        Digest digest = await PushAsync();
        ((MemoryReferences)_storage.References).Unreadable = RegistryReference.ToManifest("a/b", digest);
        VerifyReport report = await StorageVerifier.RunAsync(_storage, "memory");
        Assert.Empty(report.Findings);
        Assert.Equal("no answer", Assert.Single(report.Failures).Why);
    }

    private async Task<Digest> PushAsync()
    {
        var store = new RegistryStore(_storage);
        await store.PutManifestAsync("a/b", "latest", null, Encoding.UTF8.GetBytes(Index), null);
        return Digest.OfSha256(Encoding.UTF8.GetBytes(Index));
    }

    private async Task<IEnumerable<string>> FindingsAsync() =>
        (await StorageVerifier.RunAsync(_storage, "memory")).Findings.Select(finding => $"{finding}");
}
