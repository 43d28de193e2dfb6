using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Tests.Distribution.Storage;

/// <content>Contract tests for references.</content>
public abstract partial class RegistryStorageContract
{
    private static readonly Digest Other = Digest.OfSha256("other"u8);
    private static readonly Digest Alias = Digest.FromHash(DigestAlgorithm.Sha512, System.Security.Cryptography.SHA512.HashData(Content));

    public static TheoryData<ReferenceKind> Kinds => [.. Enum.GetValues<ReferenceKind>()];

    private IRegistryReferences References => Storage.References;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_reference_is_there_at_first(ReferenceKind kind)
    {
        RegistryReference reference = Of(kind);
        Assert.Null(await References.ReadAsync(reference));
        Assert.Null(await References.AgeAsync(reference));
        Assert.False(await References.DeleteAsync(reference));
        Assert.False(await References.TryReplaceAsync(reference, Name, "1"));
        Assert.Empty((await References.ListAsync(Repository, kind, default)).Items);
        Assert.Empty((await References.ListRepositoriesAsync(kind, default)).Items);
        Assert.False(await References.HasRepositoryAsync(Repository));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_reference_is_created_once(ReferenceKind kind)
    {
        RegistryReference reference = Of(kind);
        bool[] created = await Task.WhenAll(Enumerable.Range(0, 16).Select(
            _ => Task.Run(async () => await References.TryCreateAsync(reference, Name))));
        Assert.Single(created, isCreated => isCreated);
        Assert.Equal(Name, (await References.ReadAsync(reference))?.Target);
        Assert.False(await References.TryCreateAsync(reference, Other));
        Assert.Equal(Name, (await References.ReadAsync(reference))?.Target);
        Assert.Equal(reference, Assert.Single((await References.ListAsync(Repository, kind, default)).Items).Reference);
        Assert.True(await References.DeleteAsync(reference));
        Assert.Null(await References.ReadAsync(reference));
        Assert.False(await References.DeleteAsync(reference));
        Assert.Empty((await References.ListAsync(Repository, kind, default)).Items);
        Assert.True(await References.TryCreateAsync(reference, Other));
        Assert.Equal(Other, (await References.ReadAsync(reference))?.Target);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_reference_is_replaced_only_while_it_is_the_one_that_was_read(ReferenceKind kind)
    {
        RegistryReference reference = Of(kind);
        await References.WriteAsync(reference, Name);
        StoredReference first = (await References.ReadAsync(reference))!;
        Assert.Equal(first, await References.ReadAsync(reference));
        Assert.True(await References.TryReplaceAsync(reference, Other, first.Version));
        Assert.False(await References.TryReplaceAsync(reference, Name, first.Version));
        Assert.Equal(Other, (await References.ReadAsync(reference))?.Target);

        StoredReference second = (await References.ReadAsync(reference))!;
        await References.WriteAsync(reference, Name);
        Assert.False(await References.TryReplaceAsync(reference, Other, second.Version));
        StoredReference third = (await References.ReadAsync(reference))!;
        await References.DeleteAsync(reference);
        Assert.False(await References.TryReplaceAsync(reference, Other, third.Version));
        Assert.Null(await References.ReadAsync(reference));
    }

    [Fact]
    public async Task Of_many_who_replace_the_same_exactly_one_succeeds_and_nothing_written_is_lost()
    {
        var tag = RegistryReference.OfTag(Repository, "latest");
        await References.WriteAsync(tag, Name);
        for (int round = 0; round < 20; round++)
        {
            string version = (await References.ReadAsync(tag))!.Version;
            Digest[] targets = [.. Enumerable.Range(0, 8).Select(number => Digest.OfSha256(Text($"{round} {number}")))];
            bool[] replaced = await Task.WhenAll(targets.Select(
                target => Task.Run(async () => await References.TryReplaceAsync(tag, target, version))));
            Assert.Single(replaced, isReplaced => isReplaced);
            Assert.Equal(targets[Array.IndexOf(replaced, true)], (await References.ReadAsync(tag))?.Target);
        }
    }

    [Fact]
    public async Task A_write_is_never_undone_by_a_replacement_that_looked_before()
    {
        var tag = RegistryReference.OfTag(Repository, "latest");
        for (int round = 0; round < 50; round++)
        {
            await References.WriteAsync(tag, Name);
            string version = (await References.ReadAsync(tag))!.Version;
            Digest written = Digest.OfSha256(Text($"{round}"));
            await Task.WhenAll(
                Task.Run(async () => await References.TryReplaceAsync(tag, Other, version)),
                Task.Run(async () => await References.WriteAsync(tag, written)));
            Assert.Equal(written, (await References.ReadAsync(tag))?.Target);
        }
    }

    [Fact]
    public async Task A_reference_that_was_written_anew_is_read_at_once()
    {
        var tag = RegistryReference.OfTag(Repository, "latest");
        for (int number = 0; number < 50; number++)
        {
            Digest target = Digest.OfSha256(Text($"{number}"));
            await References.WriteAsync(tag, target);
            Assert.Equal(target, (await References.ReadAsync(tag))?.Target);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_reference_has_an_age_and_writing_it_makes_it_young(ReferenceKind kind)
    {
        RegistryReference reference = Of(kind);
        await References.TryCreateAsync(reference, Name);
        DateTimeOffset written = (await References.ReadAsync(reference))!.ChangedAt;
        Assert.InRange(written, DateTimeOffset.UtcNow - TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1));
        Assert.Equal(written, Assert.Single((await References.ListAsync(Repository, kind, default)).Items).ChangedAt ?? written);
        Assert.Equal(written, await References.AgeAsync(reference));
        await AssertYoungerAsync(
            async () => await References.WriteAsync(reference, Name), async () => (await References.ReadAsync(reference))!.ChangedAt);
    }

    [Theory]
    [InlineData(ReferenceKind.Blob)]
    [InlineData(ReferenceKind.Manifest)]
    public async Task An_alias_refers_to_another_digest_than_its_name(ReferenceKind kind)
    {
        RegistryReference alias = kind == ReferenceKind.Blob
            ? RegistryReference.ToBlob(Repository, Alias)
            : RegistryReference.ToManifest(Repository, Alias);
        await References.TryCreateAsync(Of(kind), Name);
        await References.TryCreateAsync(alias, Name);
        Assert.Equal(Name, (await References.ReadAsync(alias))?.Target);
        Assert.Equal([Of(kind), alias], (await References.ListAsync(Repository, kind, default)).Items.Select(item => item.Reference));
    }

    [Fact]
    public async Task Tags_are_listed_bytewise_in_pages_from_any_name_on()
    {
        string[] tags = ["1", "V", "_", "v", "v-1", "v.1", "v1", "v1-rc", "v1.2", "v10"];
        foreach (string tag in tags.Reverse())
        {
            await References.WriteAsync(RegistryReference.OfTag(Repository, tag), Name);
            await References.TryCreateAsync(RegistryReference.OfTagHistory(Repository, tag, Name), Name);
        }

        foreach (int count in (int[])[1, 3, 10, 11])
        {
            Assert.Equal(tags, (await PagesAsync(
                (page, token) => References.ListAsync(Repository, ReferenceKind.Tag, page, token), item => item.Reference.Name, count))
                .Select(item => item.Reference.Tag));
        }

        RegistryListing<ListedReference> after = await References.ListAsync(
            Repository, ReferenceKind.Tag, new RegistryPage(2, "v0-is-no-tag"));
        Assert.Equal(["v1", "v1-rc"], after.Items.Select(item => item.Reference.Tag));
        Assert.True(after.HasMore);
    }

    [Fact]
    public async Task A_history_without_its_tag_is_listed_as_history_alone()
    {
        RegistryReference[] history =
        [
            .. from tag in (string[])["a", "b"]
               from digest in ((Digest[])[Name, Other]).Order()
               select RegistryReference.OfTagHistory(Repository, tag, digest),
        ];
        foreach (RegistryReference reference in history)
        {
            Assert.True(await References.TryCreateAsync(reference, reference.Digest));
        }

        Assert.Empty((await References.ListAsync(Repository, ReferenceKind.Tag, default)).Items);
        foreach (int count in (int[])[1, 3, 4])
        {
            Assert.Equal(history, (await PagesAsync(
                (page, token) => References.ListAsync(Repository, ReferenceKind.TagHistory, page, token),
                item => item.Reference.Name,
                count)).Select(item => item.Reference));
        }
    }

    [Fact]
    public async Task A_tag_goes_with_its_history_and_no_other_tag_goes()
    {
        foreach (string tag in (string[])["v", "v1"])
        {
            await References.TryCreateAsync(RegistryReference.OfTagHistory(Repository, tag, Name), Name);
            await References.WriteAsync(RegistryReference.OfTag(Repository, tag), Name);
        }

        Assert.True(await References.DeleteAsync(RegistryReference.OfTag(Repository, "v")));
        Assert.Null(await References.ReadAsync(RegistryReference.OfTag(Repository, "v")));
        Assert.Null(await References.ReadAsync(RegistryReference.OfTagHistory(Repository, "v", Name)));
        Assert.Equal(Name, (await References.ReadAsync(RegistryReference.OfTag(Repository, "v1")))?.Target);
        Assert.Equal(Name, (await References.ReadAsync(RegistryReference.OfTagHistory(Repository, "v1", Name)))?.Target);
    }

    [Fact]
    public async Task Digests_are_listed_in_pages()
    {
        Digest[] digests = [.. Enumerable.Range(0, 20).Select(number => Digest.OfSha256(Text($"{number}"))).Order()];
        foreach (Digest digest in digests.Reverse())
        {
            await References.TryCreateAsync(RegistryReference.ToManifest(Repository, digest), digest);
        }

        foreach (int count in (int[])[1, 6, 20, 21])
        {
            Assert.Equal(digests, (await PagesAsync(
                (page, token) => References.ListAsync(Repository, ReferenceKind.Manifest, page, token),
                item => item.Reference.Name,
                count)).Select(item => item.Reference.Digest));
        }
    }

    [Fact]
    public async Task Referrers_are_listed_by_subject_in_pages_from_any_subject_on()
    {
        Digest[] subjects = [.. Enumerable.Range(0, 5).Select(number => Digest.OfSha256(Text($"subject {number}"))).Order(), Alias];
        Digest[] digests = [.. Enumerable.Range(0, 3).Select(number => Digest.OfSha256(Text($"{number}"))).Order()];
        RegistryReference[] all =
        [
            .. from subject in subjects
               from digest in digests
               select RegistryReference.ToReferrer(Repository, subject, digest),
        ];
        foreach (RegistryReference reference in all.Reverse())
        {
            await References.WriteAsync(reference, reference.Digest);
        }

        foreach (int count in (int[])[1, 4, 18, 19])
        {
            Assert.Equal(all, (await PagesAsync(
                (page, token) => References.ListAsync(Repository, ReferenceKind.Referrer, page, token),
                item => item.Reference.Name,
                count)).Select(item => item.Reference));
        }

        RegistryListing<ListedReference> about = await References.ListAsync(
            Repository, ReferenceKind.Referrer, new RegistryPage(3, $"{subjects[2]}/"));
        Assert.Equal(all[6..9], about.Items.Select(item => item.Reference));
        Assert.All(about.Items, item => Assert.Equal(subjects[2], item.Reference.Subject));
        Assert.False(await References.HasRepositoryAsync(Repository));
    }

    [Fact]
    public async Task That_all_referrers_are_known_is_remembered_where_it_helps()
    {
        Assert.False(await References.HasAllReferrersAsync(Repository));
        await References.ConfirmAllReferrersAsync(Repository);
        bool isKnown = await References.HasAllReferrersAsync(Repository);
        Assert.Equal(References.FindsReferrers, isKnown);
        Assert.False(await References.HasAllReferrersAsync("other"));
        Assert.Empty((await References.ListAsync(Repository, ReferenceKind.Referrer, default)).Items);
    }

    [Fact]
    public async Task Repositories_are_listed_bytewise_in_pages_by_what_they_have()
    {
        string[] names = ["0", "a", "a-b", "a/b", "a/b/c", "b"];
        foreach (string name in names.Reverse())
        {
            await References.TryCreateAsync(RegistryReference.ToManifest(name, Name), Name);
        }

        await References.TryCreateAsync(RegistryReference.ToBlob("blobs/only", Name), Name);
        foreach (int count in (int[])[1, 4, 6, 7])
        {
            Assert.Equal(names, await PagesAsync(
                (page, token) => References.ListRepositoriesAsync(ReferenceKind.Manifest, page, token), name => name, count));
        }

        Assert.Equal(["blobs/only"], (await References.ListRepositoriesAsync(ReferenceKind.Blob, default)).Items);
        Assert.True(await References.HasRepositoryAsync("a/b"));
        Assert.False(await References.HasRepositoryAsync("blobs/only"));
        Assert.Empty((await References.ListAsync("a", ReferenceKind.Blob, default)).Items);
        Assert.Single((await References.ListAsync("a", ReferenceKind.Manifest, default)).Items);
    }

    private static RegistryReference Of(ReferenceKind kind) => kind switch
    {
        ReferenceKind.Tag => RegistryReference.OfTag(Repository, "latest"),
        ReferenceKind.TagHistory => RegistryReference.OfTagHistory(Repository, "latest", Name),
        ReferenceKind.Manifest => RegistryReference.ToManifest(Repository, Name),
        ReferenceKind.Referrer => RegistryReference.ToReferrer(Repository, Other, Name),
        _ => RegistryReference.ToBlob(Repository, Name),
    };
}
