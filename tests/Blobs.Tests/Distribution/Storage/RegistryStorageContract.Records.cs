using System.Buffers;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Tests.Distribution.Storage;

/// <content>Contract tests for what garbage collection needs: records, the clock, and deletions with a
/// deadline.</content>
public abstract partial class RegistryStorageContract
{
    private IRegistryRecords Records => Storage.Records!;

    [Fact]
    public async Task No_record_is_there_at_first()
    {
        Assert.Null(await Records.ReadAsync("current"));
        Assert.False(await Records.DeleteAsync("current"));
        Assert.Null(await Records.TryReplaceAsync("current", Text("a"), "0"));
        Assert.Empty((await Records.ListAsync("runs", default)).Items);
    }

    [Fact]
    public async Task A_record_is_created_once()
    {
        string?[] versions = await Task.WhenAll(Enumerable.Range(0, 16).Select(
            number => Task.Run(async () => await Records.TryCreateAsync("runs/1/claims/0", Text($"{number}")))));
        string version = Assert.Single(versions, version => version is not null)!;
        StoredRecord found = (await Records.ReadAsync("runs/1/claims/0"))!;
        Assert.Equal(Text($"{Array.IndexOf(versions, version)}"), found.Content.ToArray());
        Assert.Equal(version, found.Version);
        Assert.Null(await Records.TryCreateAsync("runs/1/claims/0", Text("other")));
        Assert.True(await Records.DeleteAsync("runs/1/claims/0"));
        Assert.Null(await Records.ReadAsync("runs/1/claims/0"));
        Assert.NotNull(await Records.TryCreateAsync("runs/1/claims/0", Text("other")));
    }

    [Fact]
    public async Task Of_many_who_replace_the_same_record_exactly_one_succeeds()
    {
        string version = (await Records.TryCreateAsync("current", Text("first")))!;
        for (int round = 0; round < 20; round++)
        {
            string before = version;
            string?[] versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(
                number => Task.Run(async () => await Records.TryReplaceAsync("current", Text($"{round} {number}"), before))));
            version = Assert.Single(versions, version => version is not null)!;
            StoredRecord found = (await Records.ReadAsync("current"))!;
            Assert.Equal(Text($"{round} {Array.IndexOf(versions, version)}"), found.Content.ToArray());
            Assert.Equal(version, found.Version);
        }

        await Records.DeleteAsync("current");
        Assert.Null(await Records.TryReplaceAsync("current", Text("late"), version));
        Assert.Null(await Records.ReadAsync("current"));
    }

    [Fact]
    public async Task Records_are_listed_in_pages_by_their_folder()
    {
        string[] names =
            ["runs/1/claims/0", "runs/1/claims/1", "runs/1/condemned/0", "runs/1/condemned/1", "runs/1/index", "runs/2/claims/0"];
        foreach (string name in names.Reverse().Append("current").Append("runs2/0"))
        {
            Assert.NotNull(await Records.TryCreateAsync(name, Text(name)));
        }

        foreach (int count in (int[])[1, 4, 6, 7])
        {
            Assert.Equal(names, await PagesAsync((page, token) => Records.ListAsync("runs", page, token), name => name, count));
        }

        Assert.Equal(names[..2], (await Records.ListAsync("runs/1/claims", default)).Items);
        Assert.Equal(names[5..], (await Records.ListAsync("runs", new RegistryPage(3, "runs/1/z"))).Items);
        Assert.Equal(Text(names[3]), (await Records.ReadAsync(names[3]))!.Content.ToArray());
    }

    [Fact]
    public async Task A_record_may_be_empty_or_large()
    {
        byte[] large = Text(new string('x', 1 << 20));
        await Records.TryCreateAsync("runs/1/empty", default);
        await Records.TryCreateAsync("runs/1/large", large);
        Assert.Equal(0, (await Records.ReadAsync("runs/1/empty"))!.Content.Length);
        Assert.Equal(large, (await Records.ReadAsync("runs/1/large"))!.Content.ToArray());
    }

    [Fact]
    public async Task The_clock_is_the_one_by_which_ages_are_told()
    {
        DateTimeOffset before = await Storage.TimeAsync();
        await Blobs.WriteAsync(Name, Content);
        await References.WriteAsync(RegistryReference.ToBlob(Repository, Name), Name);
        DateTimeOffset after = await Storage.TimeAsync();

        // Clocks may tell whole seconds.
        TimeSpan step = TimeSpan.FromSeconds(1);
        Assert.InRange((await Blobs.StatAsync(Name))!.Value.ChangedAt, before - step, after + step);
        Assert.InRange((await References.ReadAsync(RegistryReference.ToBlob(Repository, Name)))!.ChangedAt, before - step, after + step);
    }

    [Fact]
    public async Task Garbage_is_deleted_in_batches_and_nothing_else_goes()
    {
        Digest[] digests = [.. Enumerable.Range(0, 50).Select(number => Digest.OfSha256(Text($"{number}"))).Order()];
        foreach (Digest digest in digests)
        {
            await Blobs.WriteAsync(digest, Content);
            await References.WriteAsync(RegistryReference.ToBlob(Repository, digest), digest);
            await References.WriteAsync(RegistryReference.ToManifest(Repository, digest), digest);
            await References.WriteAsync(RegistryReference.ToReferrer(Repository, Other, digest), digest);
        }

        foreach (string tag in (string[])["v", "v1"])
        {
            await References.WriteAsync(RegistryReference.OfTagHistory(Repository, tag, Name), Name);
            await References.WriteAsync(RegistryReference.OfTagHistory(Repository, tag, Other), Other);
            await References.WriteAsync(RegistryReference.OfTag(Repository, tag), Name);
        }

        RegistryReference[] garbage =
        [
            RegistryReference.OfTag(Repository, "v"),
            RegistryReference.OfTag(Repository, "never"),
            RegistryReference.OfTagHistory(Repository, "v1", Other),
            .. digests[..40].SelectMany(digest => (RegistryReference[])
            [
                RegistryReference.ToManifest(Repository, digest), RegistryReference.ToBlob(Repository, digest),
                RegistryReference.ToReferrer(Repository, Other, digest),
            ]),
        ];
        await using (IFencedDeletion deletion = await Storage.BeginDeletionAsync())
        {
            DateTimeOffset deadline = await Storage.TimeAsync() + TimeSpan.FromMinutes(1);
            Assert.All(await deletion.DeleteAsync(garbage, deadline), outcome => Assert.Equal(DeletionOutcome.Deleted, outcome));
            Assert.All(
                await deletion.DeleteAsync([.. digests[..40], Name], deadline),
                outcome => Assert.Equal(DeletionOutcome.Deleted, outcome));
            Assert.Empty(await deletion.DeleteAsync(Array.Empty<Digest>(), deadline));
        }

        Assert.Equal(digests[40..], (await Blobs.ListAsync(default)).Items.Select(blob => blob.Digest));
        foreach (ReferenceKind kind in (ReferenceKind[])[ReferenceKind.Blob, ReferenceKind.Manifest, ReferenceKind.Referrer])
        {
            Assert.Equal(digests[40..], (await References.ListAsync(Repository, kind, default)).Items.Select(item => item.Reference.Digest));
        }

        Assert.Equal(["v1"], (await References.ListAsync(Repository, ReferenceKind.Tag, default)).Items.Select(item => item.Reference.Tag));
        Assert.Equal(
            [RegistryReference.OfTagHistory(Repository, "v1", Name)],
            (await References.ListAsync(Repository, ReferenceKind.TagHistory, default)).Items.Select(item => item.Reference));
    }

    [Fact]
    public async Task Nothing_is_deleted_after_the_deadline_unless_the_storage_has_a_lock()
    {
        await Blobs.WriteAsync(Name, Content);
        var link = RegistryReference.ToBlob(Repository, Name);
        await References.WriteAsync(link, Name);
        await using IFencedDeletion deletion = await Storage.BeginDeletionAsync();
        DateTimeOffset deadline = await Storage.TimeAsync() - TimeSpan.FromSeconds(2);
        DeletionOutcome reference = Assert.Single(await deletion.DeleteAsync([link], deadline));
        DeletionOutcome blob = Assert.Single(await deletion.DeleteAsync([Name], deadline));
        DeletionOutcome expected = deletion.IsLocked ? DeletionOutcome.Deleted : DeletionOutcome.Late;
        Assert.Equal((expected, expected), (reference, blob));
        Assert.Equal(deletion.IsLocked, await Blobs.StatAsync(Name) is null);
        Assert.Equal(deletion.IsLocked, await References.ReadAsync(link) is null);
    }

    [Fact]
    public async Task A_storage_with_a_lock_has_one_collector()
    {
        await using (IFencedDeletion deletion = await Storage.BeginDeletionAsync())
        {
            if (deletion.IsLocked)
            {
                await Assert.ThrowsAsync<RootBusyException>(async () => await Storage.BeginDeletionAsync());
            }
        }

        await (await Storage.BeginDeletionAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_blob_that_is_open_is_read_to_its_end_when_it_is_pushed_again()
    {
        await Blobs.WriteAsync(Name, Content);
        await using IStoredContent open = (await Blobs.OpenAsync(Name))!;
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(Content));
        Assert.True(await upload.PublishAsync(Name));
        await upload.CancelAsync();
        Assert.Equal("0123456789", await ReadAsync(open));
    }

    [Fact]
    public async Task An_upload_that_is_published_can_be_published_again_until_it_is_ended()
    {
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(Content));
        Assert.True(await upload.PublishAsync(Name));
        Assert.True(await upload.PublishAsync(Name));
        await Blobs.DeleteAsync(Name);
        bool isKept = await upload.PublishAsync(Name);
        Assert.Equal(isKept, await Blobs.StatAsync(Name) is not null);
        await upload.CancelAsync();
        Assert.Equal(isKept, await Blobs.StatAsync(Name) is not null);
        Assert.Null(await Uploads.OpenAsync(Repository, Id));
    }
}
