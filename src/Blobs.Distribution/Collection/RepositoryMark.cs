using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Distribution.Collection;

/// <summary>
/// The mark of one repository: reads its tags and manifests, finds out what these need, and goes through its links. Garbage
/// is what nothing needs and what is old.
/// </summary>
internal sealed class RepositoryMark(Mark mark, string name, int number)
{
    // Aliases are named by digests of other algorithms, which come after all SHA-256 digests.
    private const string AfterSha256 = "sha256:g";
    private const int BatchCount = 512;

    private readonly Dictionary<ulong, Revision> _revisions = [];
    private readonly List<(Digest Alias, Digest Target)> _aliases = [];
    private readonly HashSet<ulong> _dropped = [];
    private readonly DigestSet _needed = new();
    private readonly bool _removesUntagged = mark.Options.Untagged && mark.Options.Retention.Covers(name);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        List<KnownTag> tags = await ReadTagsAsync(cancellationToken).ConfigureAwait(false);
        await ReadRevisionsAsync(cancellationToken).ConfigureAwait(false);
        await FindTagsAsync(tags, cancellationToken).ConfigureAwait(false);
        await MarkNeededAsync(await RootsAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        mark.Keep(_needed);
        await FindRevisionsAsync(cancellationToken).ConfigureAwait(false);
        await FindReferrersAsync(cancellationToken).ConfigureAwait(false);
        await FindLinksAsync(cancellationToken).ConfigureAwait(false);
        mark.Lacks(name, _revisions.Values.Where(revision => revision.IsNeeded).SelectMany(revision => revision.Content.References)
            .Where(key => _needed.IsUnseen(key) && !_revisions.ContainsKey(key)));
    }

    private async Task<List<KnownTag>> ReadTagsAsync(CancellationToken cancellationToken)
    {
        var tags = new List<KnownTag>();
        await foreach (ListedReference listed in mark.Requests
            .ReferencesAsync(name, ReferenceKind.Tag, null, cancellationToken).ConfigureAwait(false))
        {
            if (await mark.Requests.ReadAsync(listed.Reference, cancellationToken).ConfigureAwait(false) is { } tag)
            {
                tags.Add(new KnownTag(listed.Reference.Tag, tag.Target, tag.ChangedAt));
                mark.NoticeForeign(tag);
            }
        }

        return tags;
    }

    private async Task ReadRevisionsAsync(CancellationToken cancellationToken)
    {
        var twins = new List<Revision>();
        await foreach (ListedReference listed in mark.Requests
            .ReferencesAsync(name, ReferenceKind.Manifest, null, cancellationToken).ConfigureAwait(false))
        {
            Digest digest = listed.Reference.Digest;
            StoredReference? link = await mark.Requests.ReadAsync(listed.Reference, cancellationToken).ConfigureAwait(false);
            if (link is null)
            {
                continue;
            }

            if (digest.Algorithm == DigestAlgorithm.Sha256)
            {
                var revision = new Revision
                {
                    Key = CandidateKey.Of(digest),
                    ChangedAt = link.ChangedAt,
                    IsUnfinished = link.Target is null,
                    OtherTarget = link.Target is { } target && target != digest ? DigestSet.KeyOf(target) : null,
                };
                if (!_revisions.TryAdd(DigestSet.KeyOf(digest), revision))
                {
                    twins.Add(revision);
                }
            }
            else if (link.Target is { Algorithm: DigestAlgorithm.Sha256 } canonical)
            {
                _aliases.Add((digest, canonical));
            }
        }

        await Parallel.ForEachAsync(_revisions.Values.Concat(twins), Mark.AtOnce(cancellationToken), async (revision, stop) =>
            revision.Content = await mark.Reader.ReadAsync(name, revision.Key, stop).ConfigureAwait(false)).ConfigureAwait(false);

        // Two digests with one key: somebody has searched for them. They count as one manifest that has a tag.
        foreach (Revision twin in twins)
        {
            _revisions[DigestSet.KeyOf(twin.Key.ToDigest())].Join(twin);
        }
    }

    // A tag that goes is a candidate of its own. What it points to is garbage only for a later run: a tag never points to
    // something that is gone. A dry run looks ahead.
    private async Task FindTagsAsync(List<KnownTag> tags, CancellationToken cancellationToken)
    {
        HashSet<KnownTag> going = [.. mark.Options.Retention.Going(name, tags, mark.Now)];
        var unread = new HashSet<string>(StringComparer.Ordinal);
        foreach (KnownTag tag in tags)
        {
            ulong? target = tag.Target is { } digest ? DigestSet.KeyOf(digest) : null;
            bool isDangling = target is { } key && !_revisions.ContainsKey(key);
            bool goes = (isDangling || going.Contains(tag)) && mark.IsOld(tag.ChangedAt);
            if (goes)
            {
                CandidateKey entry = CandidateKey.Parse(CondemnedEntry.KeyOf(name, tag.Name));
                mark.Found(new Candidate { Key = entry, Kind = ReferenceKind.Tag, Repository = number, Tag = tag });
            }

            if (goes && mark.Options.DryRun)
            {
                continue;
            }

            if (target is { } named && _revisions.TryGetValue(named, out Revision? revision))
            {
                revision.IsTagged = true;
            }
            else if (target is null)
            {
                unread.Add(tag.Name);
            }
        }

        if (unread.Count > 0)
        {
            // Such a tag may point to any manifest of its history.
            await foreach (ListedReference history in mark.Requests
                .ReferencesAsync(name, ReferenceKind.TagHistory, null, cancellationToken).ConfigureAwait(false))
            {
                if (unread.Contains(history.Reference.Tag)
                    && _revisions.TryGetValue(DigestSet.KeyOf(history.Reference.Digest), out Revision? revision))
                {
                    revision.IsTagged = true;
                }
            }
        }
    }

    private async Task<List<ulong>> RootsAsync(CancellationToken cancellationToken)
    {
        var roots = new List<ulong>();
        var lacking = new List<(ulong Key, Revision Revision)>();
        foreach ((ulong key, Revision revision) in _revisions)
        {
            if (revision.Content == RevisionContent.Missing
                || await mark.LacksPartAsync(name, revision, cancellationToken).ConfigureAwait(false))
            {
                lacking.Add((key, revision));
            }
            else if (!_removesUntagged || revision.IsTagged || !mark.IsOld(revision.ChangedAt))
            {
                roots.Add(key);
                mark.NoticeUnread(name, revision);
            }
        }

        if (lacking.Count > 0)
        {
            HashSet<ulong> named = [.. roots.SelectMany(root => _revisions[root].Content.References)];
            foreach ((ulong key, Revision revision) in lacking)
            {
                bool isWanted = revision.IsTagged || named.Contains(key);
                if (isWanted && !revision.IsUnfinished)
                {
                    mark.NoticeBroken(name, revision);
                }

                if (isWanted || !mark.IsOld(revision.ChangedAt))
                {
                    roots.Add(key);
                }
                else
                {
                    _dropped.Add(key);
                }
            }
        }

        return roots;
    }

    private async Task MarkNeededAsync(List<ulong> roots, CancellationToken cancellationToken)
    {
        ILookup<ulong, ulong> referrers = _revisions
            .SelectMany(pair => pair.Value.Content.Subjects, (pair, subject) => (Subject: subject, Referrer: pair.Key))
            .ToLookup(pair => pair.Subject, pair => pair.Referrer);
        ILookup<ulong, ulong> aliases = _aliases.ToLookup(alias => DigestSet.KeyOf(alias.Alias), alias => DigestSet.KeyOf(alias.Target));
        var pending = new Stack<ulong>(roots);
        while (pending.TryPop(out ulong key))
        {
            foreach (ulong target in aliases[key])
            {
                _needed.Add(target);
                pending.Push(target);
            }

            if (!_revisions.TryGetValue(key, out Revision? revision) || revision.IsNeeded || _dropped.Contains(key))
            {
                continue;
            }

            revision.IsNeeded = true;
            _needed.Add(key);
            if (revision.OtherTarget is { } other)
            {
                _needed.Add(other);
            }

            foreach (ulong reference in revision.Content.References)
            {
                _needed.Add(reference);
                pending.Push(reference);
            }

            // A signature is untagged. It is kept as long as the manifest that it signs.
            foreach (ulong referrer in referrers[key])
            {
                pending.Push(referrer);
            }
        }

        // Manifests may name a blob by an alias; its content is stored under the digest that the link contains.
        await foreach (ListedReference listed in mark.Requests
            .ReferencesAsync(name, ReferenceKind.Blob, AfterSha256, cancellationToken).ConfigureAwait(false))
        {
            if (_needed.TrySee(DigestSet.KeyOf(listed.Reference.Digest))
                && await mark.Requests.ReadAsync(listed.Reference, cancellationToken).ConfigureAwait(false) is { Target: { } target })
            {
                _needed.Add(DigestSet.KeyOf(target));
            }
        }
    }

    private async Task FindRevisionsAsync(CancellationToken cancellationToken)
    {
        bool isAnyLost = false;
        foreach ((ulong key, Revision revision) in _revisions)
        {
            if (revision.IsNeeded)
            {
                continue;
            }

            isAnyLost = true;
            FoundLink(new Candidate { Key = revision.Key, Kind = ReferenceKind.Manifest, Repository = number }, key);
        }

        foreach ((Digest alias, Digest target) in _aliases)
        {
            ulong key = DigestSet.KeyOf(target);
            if (!_revisions.TryGetValue(key, out Revision? revision) || !revision.IsNeeded)
            {
                mark.Found(new Candidate
                {
                    Key = CandidateKey.Of(target),
                    Kind = ReferenceKind.Manifest,
                    Repository = number,
                    Name = $"{alias}",
                });
            }
        }

        if (!isAnyLost)
        {
            return;
        }

        await foreach (ListedReference history in mark.Requests
            .ReferencesAsync(name, ReferenceKind.TagHistory, null, cancellationToken).ConfigureAwait(false))
        {
            Digest digest = history.Reference.Digest;
            if (_revisions.TryGetValue(DigestSet.KeyOf(digest), out Revision? revision) && !revision.IsNeeded)
            {
                mark.Found(new Candidate
                {
                    Key = revision.Key,
                    Kind = ReferenceKind.TagHistory,
                    Repository = number,
                    Name = history.Reference.Tag,
                });
            }
        }
    }

    private async Task FindReferrersAsync(CancellationToken cancellationToken)
    {
        var recorded = new HashSet<(ulong Subject, ulong Referrer)>();
        await foreach (ListedReference listed in mark.Requests
            .ReferencesAsync(name, ReferenceKind.Referrer, null, cancellationToken).ConfigureAwait(false))
        {
            RegistryReference reference = listed.Reference;
            ulong key = DigestSet.KeyOf(reference.Digest);
            recorded.Add((DigestSet.KeyOf(reference.Subject), key));
            if ((!_revisions.TryGetValue(key, out Revision? revision) || !revision.IsNeeded)
                && mark.Takes(CandidateKey.Of(reference.Digest))
                && mark.IsOld(await mark.Requests.AgeAsync(listed, cancellationToken).ConfigureAwait(false)))
            {
                mark.Found(new Candidate
                {
                    Key = CandidateKey.Of(reference.Digest),
                    Kind = ReferenceKind.Referrer,
                    Repository = number,
                    Name = $"{reference.Subject}",
                });
            }
        }

        await mark.CompleteReferrersAsync(
            name,
            _revisions.Where(pair => pair.Value is { IsNeeded: true, Content.IsUnread: false }
                && pair.Value.Content.Subjects.Any(subject => !recorded.Contains((subject, pair.Key)))).Select(pair => pair.Value.Key),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task FindLinksAsync(CancellationToken cancellationToken)
    {
        await FindLinksAsync(mark.After, cancellationToken).ConfigureAwait(false);
        if (mark.IsPartial)
        {
            await FindLinksAsync(AfterSha256, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FindLinksAsync(string? after, CancellationToken cancellationToken)
    {
        var unneeded = new List<ListedReference>();
        await foreach (ListedReference listed in mark.Requests
            .ReferencesAsync(name, ReferenceKind.Blob, after, cancellationToken).ConfigureAwait(false))
        {
            bool isAlias = listed.Reference.Digest.Algorithm != DigestAlgorithm.Sha256;
            if (isAlias ? mark.IsPartial && after != AfterSha256 : mark.IsPast(listed.Reference.Digest))
            {
                break;
            }

            if (_needed.TrySee(DigestSet.KeyOf(listed.Reference.Digest)))
            {
                continue;
            }

            unneeded.Add(listed);
            if (unneeded.Count == BatchCount)
            {
                await FindLinksAsync(unneeded, cancellationToken).ConfigureAwait(false);
                unneeded.Clear();
            }
        }

        await FindLinksAsync(unneeded, cancellationToken).ConfigureAwait(false);
    }

    private Task FindLinksAsync(List<ListedReference> links, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        links,
        Mark.AtOnce(cancellationToken),
        async (listed, stop) =>
        {
            Digest digest = listed.Reference.Digest;
            string? alias = null;
            if (digest.Algorithm != DigestAlgorithm.Sha256)
            {
                StoredReference? link = await mark.Requests.ReadAsync(listed.Reference, stop).ConfigureAwait(false);
                if (link?.Target is not { Algorithm: DigestAlgorithm.Sha256 } target || _needed.Contains(DigestSet.KeyOf(target)))
                {
                    return;
                }

                (alias, digest) = ($"{digest}", target);
            }

            CandidateKey key = CandidateKey.Of(digest);
            if (!mark.Takes(key))
            {
                return;
            }

            if (mark.IsOld(await mark.Requests.AgeAsync(listed, stop).ConfigureAwait(false)))
            {
                FoundLink(
                    new Candidate { Key = key, Kind = ReferenceKind.Blob, Repository = number, Name = alias }, DigestSet.KeyOf(digest));
            }
            else
            {
                mark.KeepYoung(DigestSet.KeyOf(digest));
            }
        });

    // A link that is not on the list, although nothing needs it, keeps the bytes.
    private void FoundLink(in Candidate candidate, ulong key)
    {
        if (!mark.Found(candidate))
        {
            mark.Keep(key);
        }
    }
}
