"""What the engine is measured against: the same models in SimPy, as its documentation writes them.
     python3 reference.py hold PENDING HOLDS | reference.py mmc SERVERS CUSTOMERS
Prints CPU nanoseconds an event (a hold; two a customer), and the mean wait in ticks."""
import random
import sys
import time

import simpy


def hold(pending, holds):
    env = simpy.Environment()
    draw = random.Random(7)
    delays = [round(draw.expovariate(1) * 1e5) for _ in range(65536)]
    held = 0

    def process():
        nonlocal held
        while held < holds:
            yield env.timeout(delays[held & 65535])
            held += 1

    for _ in range(pending):
        env.process(process())
    start = time.process_time_ns()
    env.run()
    return (time.process_time_ns() - start) / held, env.now


def mmc(servers, customers):
    env = simpy.Environment()
    arrivals, services = random.Random(1), random.Random(2)
    mean_service = 1e6
    mean_arrival = mean_service / ((0.8 if servers == 1 else 0.9) * servers)
    resource = simpy.Resource(env, capacity=servers)
    waited = 0

    def customer():
        nonlocal waited
        arrived = env.now
        with resource.request() as request:
            yield request
            waited += env.now - arrived
            yield env.timeout(round(services.expovariate(1) * mean_service))

    def source():
        for _ in range(customers):
            yield env.timeout(round(arrivals.expovariate(1) * mean_arrival))
            env.process(customer())

    env.process(source())
    start = time.process_time_ns()
    env.run()
    return (time.process_time_ns() - start) / (2 * customers), waited / customers


model, size, count = sys.argv[1:]
print("%.4f %.1f" % {"hold": hold, "mmc": mmc}[model](int(size), int(count)))
