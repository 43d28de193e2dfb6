using System.Diagnostics.CodeAnalysis;
using Polly;
using Polly.Retry;

namespace Blobs.Client;

/// <summary>
/// When a request is worth a second try, and when to make it: after what the server asks for (RFC 9110, 10.2.3), otherwise after a
/// time that doubles, with jitter, so that many clients do not come back at once.
/// </summary>
internal sealed class RetryPolicy
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    // Whoever asks for more than this gets no second request at all.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    public RetryPolicy(int retries, TimeProvider time)
    {
        Time = time;
        Retries = retries;
        Requests = BuildForAnswers(outcome => IsTransient(outcome));
        Greetings = BuildForAnswers(outcome => outcome is { Result: not null } && IsTransient(outcome));
        Uploads = Build(new RetryStrategyOptions<long>
        {
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is RegistryException { IsTransient: true }),
            DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as RegistryException)?.AskedDelay),
        });
    }

    public TimeProvider Time { get; }

    /// <summary>Tries after the first one; also connections to one blob that were cut before much came.</summary>
    public int Retries { get; }

    /// <summary>Around one request whose body can be made again.</summary>
    public ResiliencePipeline<HttpResponseMessage> Requests { get; }

    /// <summary>Around the first request to a registry: an address where nobody listens is a wrong one, and is not tried again.</summary>
    public ResiliencePipeline<HttpResponseMessage> Greetings { get; }

    /// <summary>Around a whole upload, which begins anew.</summary>
    public ResiliencePipeline<long> Uploads { get; }

    /// <summary>Whether it is the connection that failed, and not what somebody said over it.</summary>
    public static bool IsTransient(Exception? fault) => fault switch
    {
        HttpRequestException { HttpRequestError: var error } => error is HttpRequestError.ConnectionError
            or HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError or HttpRequestError.Unknown,
        IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Whether the same request may be answered better a little later.</summary>
    public bool IsTransient(HttpResponseMessage response) =>
        (int)response.StatusCode is 408 or 429 or 500 or 502 or 503 or 504 && AskedDelay(response).GetValueOrDefault() <= LongestWait;

    /// <summary>What an answer asks to wait for; null when it does not say.</summary>
    public TimeSpan? AskedDelay(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > Time.GetUtcNow() ? date - Time.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };

    private bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome is { Result: { } response } ? IsTransient(response) : IsTransient(outcome.Exception);

    private ResiliencePipeline<HttpResponseMessage> BuildForAnswers(Func<Outcome<HttpResponseMessage>, bool> isTransient) =>
        Build(new RetryStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = arguments => ValueTask.FromResult(isTransient(arguments.Outcome)),
            DelayGenerator = arguments => ValueTask.FromResult(
                arguments.Outcome is { Result: { } response } ? AskedDelay(response) : null),
            OnRetry = arguments =>
            {
                if (arguments.Outcome is { Result: { } response })
                {
                    response.Dispose();
                }

                return ValueTask.CompletedTask;
            },
        });

    private ResiliencePipeline<T> Build<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(RetryStrategyOptions<T> options)
    {
        var builder = new ResiliencePipelineBuilder<T> { TimeProvider = Time };
        if (Retries > 0)
        {
            options.MaxRetryAttempts = Retries;
            options.Delay = FirstDelay;
            options.BackoffType = DelayBackoffType.Exponential;
            options.UseJitter = true;
            builder.AddRetry(options);
        }

        return builder.Build();
    }
}
